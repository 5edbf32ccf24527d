"""The portal's pages."""

from django.urls import path

from reforms.views import agencies, desk, details, measures, overview, reminders, reports, status

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("measures/", measures.measures, name="measures"),
    path("measures/export/<str:kind>/", measures.export, name="export"),
    path("measures/<int:pk>/", details.measure, name="measure"),
    path("measures/<int:pk>/report/", reports.report, name="report"),
    path("lists/<slug:slug>/", details.reform_list, name="list"),
    path("lists/<slug:slug>/sections/<int:number>/", details.section, name="section"),
    path("lists/<slug:slug>/items/<int:number>/", details.item, name="item"),
    path("lists/<slug:slug>/reminders/", reminders.settings, name="reminder-settings"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("agencies/<int:pk>/", agencies.agency, name="agency"),
    path("desk/", desk.desk, name="desk"),
    path("reminders/", reminders.deliveries, name="deliveries"),
    path("reminders/<int:pk>/", reminders.delivery, name="delivery"),
    path("healthz", status.healthz, name="healthz"),
]
