"""Addresses of the administration."""

from django.urls import path

from maillage.core.administration import views_machine, views_persons

app_name = "administration"
urlpatterns = [
    path("personnes/", views_persons.persons, name="persons"),
    path("personnes/liste.csv", views_persons.persons_csv, name="persons_csv"),
    path("personnes/ajouter/", views_persons.person_add, name="person_add"),
    path("personnes/<int:pk>/", views_persons.person, name="person"),
    path("personnes/<int:pk>/roles/", views_persons.role_give, name="role_give"),
    path("personnes/<int:pk>/roles/<int:membership_id>/retirer/", views_persons.role_end, name="role_end"),
    path("personnes/<int:pk>/fermer/", views_persons.disable, name="disable"),
    path("personnes/<int:pk>/ouvrir/", views_persons.enable, name="enable"),
    path("personnes/<int:pk>/deuxieme-etape/", views_persons.second_factor_reset, name="second_factor_reset"),
    path("personnes/<int:pk>/voir-comme/", views_persons.see_as, name="see_as"),
    path("voir-comme/arreter/", views_persons.stop_seeing, name="stop_seeing"),
    path("machine/", views_machine.machine, name="machine"),
    path("machine/taches/", views_machine.jobs, name="jobs"),
    path("machine/taches/liste.csv", views_machine.jobs_csv, name="jobs_csv"),
    path("machine/taches/<int:pk>/reprendre/", views_machine.job_retry, name="job_retry"),
    path("machine/messages/", views_machine.letters, name="letters"),
    path("machine/messages/<int:pk>/renvoyer/", views_machine.letter_retry, name="letter_retry"),
    path("machine/lenteurs/", views_machine.slow, name="slow"),
    path("machine/lenteurs/liste.csv", views_machine.slow_csv, name="slow_csv"),
]
