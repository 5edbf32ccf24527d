"""The portal's pages."""

from django.urls import path

from reforms.views import (
    agencies,
    desk,
    details,
    directory,
    drafts,
    measures,
    members,
    overview,
    reminders,
    reports,
    status,
    succession,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("measures/", measures.measures, name="measures"),
    path("measures/export/<str:kind>/", measures.export, name="export"),
    path("measures/<int:pk>/", details.measure, name="measure"),
    path("measures/<int:pk>/report/", reports.report, name="report"),
    path("measures/<int:pk>/draft/", drafts.save, name="save-draft"),
    path("measures/<int:pk>/draft/discard/", drafts.discard, name="discard-draft"),
    path("measures/<int:pk>/unchanged/", reports.unchanged, name="report-unchanged"),
    path("reports/<int:pk>/withdraw/", reports.withdraw, name="withdraw-report"),
    path("measures/<int:pk>/members/", members.of_measure, name="measure-members"),
    path("lists/<slug:slug>/", details.reform_list, name="list"),
    path("lists/<slug:slug>/sections/<int:number>/", details.section, name="section"),
    path("lists/<slug:slug>/items/<int:number>/", details.item, name="item"),
    path("lists/<slug:slug>/reminders/", reminders.settings, name="reminder-settings"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("agencies/new/", directory.new, name="new-agency"),
    path("agencies/<int:pk>/", agencies.agency, name="agency"),
    path("agencies/<int:pk>/edit/", directory.edit, name="edit-agency"),
    path("agencies/<int:pk>/members/", members.of_group, name="group-members"),
    path("agencies/<int:pk>/succession/", succession.succession, name="succession"),
    path("agencies/<int:pk>/merge/", succession.merge, name="merge-agency"),
    path("desk/", desk.desk, name="desk"),
    path("reminders/", reminders.deliveries, name="deliveries"),
    path("reminders/<int:pk>/", reminders.delivery, name="delivery"),
    path("healthz", status.healthz, name="healthz"),
]
