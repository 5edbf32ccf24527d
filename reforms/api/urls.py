"""The API's addresses: /api/v1/ without trailing slashes, its OpenAPI document, and the page over it."""

from typing import Any

from django.urls import path

from reforms.api import docs, evidence, views

READ: dict[str, Any] = {"get": "list"}
ONE: dict[str, Any] = {"get": "retrieve"}

urlpatterns = [
    path("docs/", docs.docs, name="api-docs"),
    path("v1/openapi.json", docs.openapi, name="openapi"),
    path("v1/lists", views.ListView.as_view(READ), name="api-lists"),
    path("v1/lists/<slug:slug>", views.ListView.as_view(ONE), name="api-list"),
    path("v1/sections", views.SectionView.as_view(READ), name="api-sections"),
    path("v1/items", views.ItemView.as_view(READ), name="api-items"),
    path("v1/items/<int:pk>", views.ItemView.as_view(ONE), name="api-item"),
    path("v1/measures", views.MeasureView.as_view(READ), name="api-measures"),
    path("v1/measures/<int:pk>", views.MeasureView.as_view(ONE), name="api-measure"),
    path(
        "v1/measures/<int:pk>/reports",
        views.MeasureView.as_view({"get": "reports", "post": "report"}),
        name="api-reports",
    ),
    path(
        "v1/reports/<int:pk>/evidence",
        evidence.EvidenceOfReport.as_view({"get": "list", "post": "add"}),
        name="api-report-evidence",
    ),
    path(
        "v1/evidence/<int:pk>",
        evidence.EvidenceView.as_view({"get": "retrieve", "delete": "remove"}),
        name="api-evidence",
    ),
    path("v1/agencies", views.AgencyView.as_view(READ), name="api-agencies"),
    path("v1/agencies/<int:pk>", views.AgencyView.as_view(ONE), name="api-agency"),
    path("v1/me", views.MeView.as_view(ONE), name="api-me"),
    path("v1/stats", views.StatsView.as_view(ONE), name="api-stats"),
]
