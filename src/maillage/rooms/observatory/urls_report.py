"""Addresses of the report, under /observatoire/rapport/."""

from django.urls import path

from maillage.rooms.observatory import views_report

urlpatterns = [
    path("rapport/<slug:kind>/<slug:code>.html", views_report.report_html, name="report_html"),
    path("rapport/<slug:kind>/<slug:code>.pdf", views_report.report_file, name="report_pdf"),
]
