"""Addresses of suggestions, of their following and of the moderation desk."""

from django.urls import path

from maillage.rooms.atlas import views_desk, views_follow, views_propose, views_suggest

urlpatterns = [
    path("proposer/", views_propose.propose, name="propose"),
    path("proposer/<str:secret>/<int:step>/", views_propose.propose_step, name="propose_step"),
    path("proposer/<str:secret>/deja/", views_propose.propose_duplicates, name="propose_duplicates"),
    path("proposer/<str:secret>/garde/", views_propose.propose_kept, name="propose_kept"),
    path("fiche/<int:entry_id>/corriger/", views_suggest.correct, name="correct"),
    path("fiche/<int:entry_id>/signaler/<str:kind>/", views_suggest.report, name="report"),
    path("fiche/<int:entry_id>/historique/", views_suggest.history, name="history"),
    path("suivi/", views_follow.follow, name="follow"),
    path("suivi/<str:code>/", views_follow.follow_code, name="follow_code"),
    path("suivi/<str:code>/merci/", views_follow.thanks, name="thanks"),
    path("suivi/<str:code>/retirer/", views_follow.withdraw, name="withdraw"),
    path("suivi/<str:code>/recours/", views_follow.appeal, name="appeal"),
    path("propositions/", views_follow.awaiting_voices, name="voices"),
    path("propositions/<int:suggestion_id>/avis/", views_follow.give_voice, name="give_voice"),
    path("bureau/", views_desk.queue, name="desk"),
    path("bureau/decisions.csv", views_desk.decisions_csv, name="desk_csv"),
    path("bureau/ensemble/", views_desk.decide_many, name="desk_many"),
    path("bureau/<int:suggestion_id>/", views_desk.item, name="desk_item"),
    path("bureau/<int:suggestion_id>/carte.svg", views_desk.item_picture, name="desk_picture"),
    path("bureau/<int:suggestion_id>/prendre/", views_desk.take, name="desk_take"),
    path("bureau/<int:suggestion_id>/rendre/", views_desk.give_back, name="desk_release"),
]
