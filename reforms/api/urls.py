"""The API's addresses: /api/v1/ without trailing slashes, its OpenAPI document, and the page over it."""

from typing import Any

from django.urls import path

from reforms.api import actions, changes, docs, lists, reports

READ: dict[str, Any] = {"get": "list"}
ONE: dict[str, Any] = {"get": "retrieve"}

urlpatterns = [
    path("docs/", docs.docs, name="api-docs"),
    path("v1/openapi.json", docs.openapi, name="openapi"),
    path("v1/lists", lists.ListView.as_view(READ), name="api-lists"),
    path("v1/lists/<slug:slug>", lists.ListView.as_view(ONE), name="api-list"),
    path("v1/sections", lists.SectionView.as_view(READ), name="api-sections"),
    path("v1/items", lists.ItemView.as_view(READ), name="api-items"),
    path("v1/items/<int:pk>", lists.ItemView.as_view(ONE), name="api-item"),
    path("v1/measures", lists.MeasureView.as_view(READ), name="api-measures"),
    path("v1/measures/<int:pk>", lists.MeasureView.as_view(ONE), name="api-measure"),
    path(
        "v1/measures/<int:pk>/reports",
        reports.ReportsOfMeasure.as_view({"get": "reports", "post": "report"}),
        name="api-reports",
    ),
    path(
        "v1/measures/<int:pk>/extensions",
        actions.ExtensionsOfMeasure.as_view({"post": "ask"}),
        name="api-ask-extension",
    ),
    *[
        path(
            f"v1/measures/<int:pk>/{address}",
            actions.MeasureDeeds.as_view({"post": address.replace("-", "_")}),
            name=f"api-measure-{address}",
        )
        for address in ("reopen", "adjust-deadline", "dispose")
    ],
    path("v1/reports", reports.ReportView.as_view(READ), name="api-all-reports"),
    path(
        "v1/reports/<int:pk>",
        reports.ReportView.as_view({**ONE, "patch": "change", "delete": "discard"}),
        name="api-report",
    ),
    *[
        path(
            f"v1/reports/<int:pk>/{address}",
            actions.ReportDeeds.as_view({"post": action}),
            name=f"api-report-{address}",
        )
        for address, action in (
            ("submit", "submit"),
            ("withdraw", "withdraw"),
            ("sign", "sign"),
            ("send-back", "send_back"),
            ("verify", "verify"),
            ("return", "return_"),
        )
    ],
    path(
        "v1/reports/<int:pk>/evidence",
        reports.EvidenceOfReport.as_view({"get": "list", "post": "add"}),
        name="api-report-evidence",
    ),
    path(
        "v1/evidence/<int:pk>",
        reports.EvidenceView.as_view({"get": "retrieve", "delete": "remove"}),
        name="api-evidence",
    ),
    path("v1/milestones", reports.MilestoneView.as_view(READ), name="api-milestones"),
    path("v1/extensions", actions.ExtensionView.as_view(READ), name="api-extensions"),
    path("v1/extensions/<int:pk>", actions.ExtensionView.as_view(ONE), name="api-extension"),
    *[
        path(
            f"v1/extensions/<int:pk>/{address}",
            actions.ExtensionDeeds.as_view({"post": address.replace("-", "_")}),
            name=f"api-extension-{address}",
        )
        for address in ("sign", "send-back", "withdraw", "grant", "refuse")
    ],
    path(
        "v1/lists/<slug:slug>/acknowledge",
        actions.AcknowledgeView.as_view({"post": "acknowledge"}),
        name="api-acknowledge",
    ),
    path("v1/tasks", reports.TaskView.as_view(READ), name="api-tasks"),
    path("v1/changes", changes.ChangesView.as_view({"get": "follow"}), name="api-changes"),
    path("v1/agencies", lists.AgencyView.as_view(READ), name="api-agencies"),
    path("v1/agencies/<int:pk>", lists.AgencyView.as_view(ONE), name="api-agency"),
    path("v1/me", lists.MeView.as_view(ONE), name="api-me"),
    path("v1/stats", lists.StatsView.as_view(ONE), name="api-stats"),
]
