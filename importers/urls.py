"""How lists come in, and their editions."""

from django.urls import path

from importers.pages import backfill as filling
from importers.pages import editions, imports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/template.<str:kind>", imports.fill_in_template, name="import-template"),
    path("imports/<int:pk>/", imports.detail, name="import"),
    path("imports/<int:pk>/progress/", imports.progress, name="import-progress"),
    path("imports/<int:pk>/rows/", imports.choose_rows, name="import-rows"),
    path("imports/<int:pk>/agencies/", imports.choose_agencies, name="import-agencies"),
    path("imports/<int:pk>/columns/", imports.choose_columns, name="import-columns"),
    path("imports/<int:pk>/answer/", imports.answer_row, name="import-answer"),
    path("imports/<int:pk>/count/", imports.count, name="import-count"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="confirm-import"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="cancel-import"),
    path("lists/<slug:slug>/fill-in/", filling.fill, name="fill-in"),
    path("lists/<slug:slug>/editions/<int:number>/", editions.edition, name="edition"),
    path("lists/<slug:slug>/editions/<int:number>/original/", editions.original, name="edition-original"),
    path("lists/<slug:slug>/editions/<int:number>/list.<str:kind>", editions.written, name="edition-file"),
    path("lists/<slug:slug>/editions/<int:number>/revert/", editions.revert_edition, name="revert-edition"),
    path("lists/<slug:slug>/editions/<int:old>...<int:new>/", editions.comparison, name="compare-editions"),
    path(
        "lists/<slug:slug>/editions/<int:old>...<int:new>/progress/",
        editions.comparison_progress,
        name="comparison-progress",
    ),
    path("imports/back/<int:pk>/", editions.taking_back, name="taking-back"),
    path("imports/back/<int:pk>/progress/", editions.progress, name="taking-back-progress"),
]
