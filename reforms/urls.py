"""The portal's pages."""

from django.urls import path

from reforms.pages import audit, exports, healthz
from reforms.pages.agencies import detail as agencies
from reforms.pages.agencies import edit, mailboxes, succession
from reforms.pages.desk import desk, notices, workbook
from reforms.pages.lists import views as lists
from reforms.pages.measures import detail as measure
from reforms.pages.measures import table as measures
from reforms.pages.office import calendar, list_settings, matters, orders, reminders, steer, sweeps, unreported
from reforms.pages.overview import views as overview
from reforms.pages.reports import evidence, extensions
from reforms.pages.reports import submit as reports
from reforms.pages.review import office as review
from reforms.pages.review import reopen, sign

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("measures/", measures.measures, name="measures"),
    path("measures/export/<str:kind>/", measures.export, name="export"),
    path("measures/<int:pk>/", measure.measure, name="measure"),
    path("measures/<int:pk>/report/", reports.report, name="report"),
    path("measures/<int:pk>/draft/", reports.draft, name="save-draft"),
    path("measures/<int:pk>/draft/discard/", reports.discard, name="discard-draft"),
    path("measures/<int:pk>/unchanged/", reports.unchanged, name="report-unchanged"),
    path("reports/<int:pk>/withdraw/", reports.withdraw, name="withdraw-report"),
    path("measures/<int:pk>/steer/", steer.steer, name="steer"),
    path("measures/<int:pk>/enter/", steer.enter, name="enter"),
    path("measures/<int:pk>/members/", edit.members_of_measure, name="measure-members"),
    path("reports/<int:pk>/evidence/", evidence.add, name="add-evidence"),
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/remove/", evidence.remove, name="remove-evidence"),
    path("measures/<int:pk>/extension/", extensions.ask, name="ask-extension"),
    path("measures/<int:pk>/reopen/", reopen.reopen, name="reopen"),
    path("extensions/<int:pk>/withdraw/", extensions.withdraw, name="withdraw-extension"),
    path("review/", review.queue, name="review"),
    path("review/batch/", review.batch, name="review-batch"),
    path("review/claims/<int:pk>/", review.claim, name="review-claim"),
    path("review/extensions/<int:pk>/", review.extension, name="review-extension"),
    path("sign/", sign.queue, name="sign"),
    path("sign/claims/<int:pk>/", sign.claim, name="sign-claim"),
    path("sign/extensions/<int:pk>/", sign.extension, name="sign-extension"),
    path("lists/", lists.reform_lists, name="lists"),
    path("lists/<slug:slug>/", lists.reform_list, name="list"),
    path("lists/<slug:slug>/sections/<int:number>/", lists.section, name="section"),
    path("lists/<slug:slug>/items/<int:number>/", lists.item, name="item"),
    path("lists/<slug:slug>/reminders/", reminders.settings, name="reminder-settings"),
    path("lists/<slug:slug>/settings/", list_settings.description, name="list-settings"),
    path("lists/<slug:slug>/working/", list_settings.working, name="list-working"),
    path("unreported/", unreported.unreported_page, name="unreported"),
    path("chases/", unreported.chases_page, name="chases"),
    path("unreported/export/csv/", unreported.unreported_csv, name="unreported-csv"),
    path("matters/", matters.matters, name="matters"),
    path("matters/export/csv/", matters.matters_csv, name="matters-csv"),
    path("matters/<int:pk>/", matters.matter, name="matter"),
    path("orders/", orders.orders, name="orders"),
    path("orders/new/<int:pk>/", orders.new, name="new-order"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/docx/", orders.docx, name="order-docx"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("agencies/new/", edit.new, name="new-agency"),
    path("agencies/mailboxes/", mailboxes.of_agencies, name="agency-mailboxes"),
    path("agencies/mailboxes/table/", mailboxes.table_of_agencies, name="agency-mailboxes-table"),
    path("people/mailboxes/", mailboxes.of_people, name="people-mailboxes"),
    path("people/mailboxes/table/", mailboxes.table_of_people, name="people-mailboxes-table"),
    path("agencies/<int:pk>/", agencies.agency, name="agency"),
    path("agencies/<int:pk>/edit/", edit.edit, name="edit-agency"),
    path("agencies/<int:pk>/members/", edit.members_of_group, name="group-members"),
    path("agencies/<int:pk>/succession/", succession.succession, name="succession"),
    path("agencies/<int:pk>/merge/", succession.merge, name="merge-agency"),
    path("desk/", desk.desk, name="desk"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/<str:kind>/", audit.export, name="audit-export"),
    path("files/", exports.order_file, name="order-file"),
    path("files/<slug:token>/", exports.made_file, name="made-file"),
    path("files/<slug:token>/progress/", exports.progress, name="made-file-progress"),
    path("files/<slug:token>/file/", exports.fetch, name="fetch-file"),
    path("desk/report/<int:pk>/", desk.report, name="desk-report"),
    path("desk/officers/", desk.officers, name="desk-officers"),
    path("desk/table/", desk.table, name="desk-table"),
    path("desk/sheet/", workbook.sheet, name="desk-sheet"),
    path("desk/sheet/file/", workbook.file, name="desk-sheet-file"),
    path("desk/sheet/confirm/", workbook.confirm, name="desk-sheet-confirm"),
    path("measures/<int:pk>/duty/", desk.duty, name="duty"),
    path("editions/<int:pk>/acknowledge/", desk.acknowledge, name="acknowledge"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.see_all, name="see-notices"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/<int:pk>/seen/", notices.see_one, name="see-notice"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("reminders/", reminders.deliveries, name="deliveries"),
    path("reminders/<int:pk>/", reminders.delivery, name="delivery"),
    path("reminders/sweeps/", sweeps.sweeps, name="sweeps"),
    path("reminders/sweeps/<int:pk>/confirm/", sweeps.confirm, name="confirm-clock"),
    path("reminders/test/", sweeps.test_mail, name="test-mail"),
    path("reminders/<int:pk>/resend/", reminders.resend, name="resend-delivery"),
    path("people/<int:pk>/hand-over/", edit.hand_over, name="hand-over"),
    path("healthz", healthz.healthz, name="healthz"),
    path("readyz", healthz.readyz, name="readyz"),
]
