"""French words of names and addresses: what is spelled out, shortened, dropped, and what says the nature of a place.

Everything is written as `plain_words` gives it: without accents, in small letters, apart by one space. Made by reading
the names of the six public directories that the tests use; a word that is missing costs a little precision, no crash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = """
ccas: centre communal d action sociale; centre communal action sociale; ctre com action sociale; centre com action
    sociale; ctre communal action sociale; ctre communal d action sociale; centre communal d actions sociales; c c a
    s
cias: centre intercommunal d action sociale; centre intercommunal action sociale; ctre intercom action sociale; ctre
    intercommunal action sociale; ctre intercommunal d action sociale; centre intercommunal d actions sociales; c i
    a s
mjc: maison des jeunes et de la culture; maison jeunes et culture; maison des jeunes et culture; maison jeunes
    culture; m j c
epn: espace public numerique; espace publique numerique; cyber base; cyberbase; cyber centre; cybercentre; espace
    multimedia; point cyb; p m s; point multimedia; salle multimedia; e p n
mds: maison departementale des solidarites; maison departementale de la solidarite; maison des solidarites; maison
    departementale solidarite; maison departementale de solidarite et d insertion; maison du departement; maison
    departementale de solidarite; maison de la solidarite; maison des solidarites departementale; maison de
    solidarite departementale; maison solidarite departementale; mdsi; maison metropole; maison de la metropole;
    mdm; centre departemental d action sociale; service social departemental; maison sociale; unite territoriale d
    action sociale; pole solidarite; antenne de service social; territoire d action sociale; utas; centre medico
    social; cms; c m s; centres medico sociaux; maison du departement solidarites; maison departementale d action
    sociale; m d s
comcom: communaute de communes; communaute communes; com de communes; com com; cdc; ccom; cc; c c; intercommunalite;
    syndicat intercommunal; communaute de commune; ctes de communes
agglo: communaute d agglomeration; communaute agglomeration; agglomeration; communaute urbaine; metropole; ca
departement: conseil departemental; conseil general; departement
mairie: commune de; ville de; mairie de; mairie annexe; mairie; hotel de ville; commune d; ville d; commune; ville
centreville: centre ville; coeur de ville
franceservices: maison france services; maison france service; espace france services; espace france service; maison
    de services au public; maison des services au public; maison de service au public; maison des services publics;
    maison de services publics; france services; france service; franceservice; point france services; antenne
    france services; structure france services; msap; mfs; efs; rsp; relais de services publics; relais de service
    public; bus france services; maisons france services; relais services publics
missionlocale: mission locale; missions locales; mission loc; ml jeunes; mission local
infojeunes: point information jeunesse; bureau information jeunesse; structure information jeunesse; point info
    jeunes; point info jeunesse; info jeunes; information jeunesse; centre information jeunesse; pij; bij; sij;
    crij; cij
mediatheque: bibliotheque municipale; bibliotheque mediatheque; mediatheque bibliotheque; mediatheque municipale;
    bibliotheque; mediatheque; mediatheques; bibliotheques; ludotheque mediatheque; multimediatheque; mediatheque
    intercommunale; mediatheque communautaire; mediatheque departementale
centresocial: centre socioculturel; centre socio culturel; centre social et culturel; centre social culturel; centre
    social et socioculturel; espace socioculturel; espace socio culturel; espace social et culturel; centre social;
    espace social; csc; centre de vie sociale; espace de vie sociale; evs; maison de quartier; centre d animation;
    ctre social; ctre socio culturel; ctre socioculturel
laposte: la poste; bureau de poste; agence postale communale; agence postale
poleemploi: pole emploi; france travail
caf: caisse d allocations familiales; caisse allocations familiales
msa: mutualite sociale agricole
cpam: caisse primaire d assurance maladie; assurance maladie
udaf: union departementale des associations familiales; union dep associations familiales; union departementale
    associations familiales; union depart associations familiales
mdph: maison departementale des personnes handicapees
chrs: centre d hebergement et de reinsertion sociale; ctre hebergement reinsertion sociale
fjt: foyer de jeunes travailleurs; foyer des jeunes travailleurs; foyer jeunes travailleurs
chambreagri: chambre d agriculture; chambre agriculture; chambre departementale d agriculture
croixrouge: croix rouge francaise; croix rouge
capemploi: cap emploi
pimms: point information mediation multi services; pimms mediation
conseillernumerique: conseiller numerique; conseillers numeriques; conseillere numerique; cnfs
tierslieu: tiers lieu; tiers lieux
regiequartier: regie de quartier; regie de quartiers; regie des quartiers; regie de territoire
secourspop: secours populaire francais; secours populaire
secourscath: secours catholique
restocoeur: restos du coeur; restaurants du coeur; resto du coeur; relais du coeur
famillesrurales: familles rurales; famille rurale; foyer rural; foyers ruraux
st: saint
ste: sainte
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(table: str) -> Mapping[str, tuple[str, ...]]:
    """One word → the phrases that mean it; a line that begins with spaces goes on with the one before."""
    lines = re.sub(r"\n +", " ", table.strip()).split("\n")
    return {
        word: tuple(text.strip() for text in rest.split(";"))
        for word, _sign, rest in (one.partition(": ") for one in lines)
    }


# Longest first, so that "maison france services" is one thing before "france services" is.
_MEANT = {phrase: word for word, phrases in _phrases(_TABLE).items() for phrase in (*phrases, word)}
PHRASE = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _MEANT), key=len, reverse=True)) + r")\b")

# Words that say what a place is. Two names whose natures differ are seldom one place, even in one building.
NATURES = (
    "ccas", "cias", "mjc", "epn", "mds", "comcom", "agglo", "departement", "mairie", "franceservices", "missionlocale",
    "infojeunes", "mediatheque", "centresocial", "laposte", "poleemploi", "caf", "msa", "cpam", "udaf", "mdph", "chrs", "fjt",
    "chambreagri", "croixrouge", "capemploi", "pimms", "tierslieu", "regiequartier", "secourspop", "secourscath",
    "restocoeur", "famillesrurales", "fablab", "college", "lycee", "ecole", "hopital", "ehpad", "prefecture", "greta", "afpa",
    "emmaus", "cinema", "musee", "theatre",
)  # fmt: skip
# These name a label, a host or a carrier: they live under the roof of others and say little against being the same place.
LODGERS = frozenset({"franceservices", "epn", "infojeunes", "tierslieu", "pimms"})

DROPPED = _set(
    "a au aux d de des du en et l la le les par pour s sur sous chez dans un une the m mme mr n c "
    "association associations asso ass assoc sarl sas scop scic sa eurl gip epic loi 1901 societe groupe "
    "conseillernumerique permanence permanences antenne site lieu"
)
STREETS: Mapping[str, str] = {
    "r": "rue", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "boul": "boulevard", "blvd": "boulevard",
    "pl": "place", "all": "allee", "allees": "allee", "rte": "route", "che": "chemin", "chem": "chemin", "ch": "chemin",
    "imp": "impasse", "sq": "square", "crs": "cours", "fg": "faubourg", "fbg": "faubourg", "qu": "quai", "lot": "lotissement",
    "res": "residence", "za": "zone", "zi": "zone", "gal": "general", "gl": "general", "mal": "marechal", "dr": "docteur",
    "pr": "professeur", "pdt": "president", "prt": "president", "cdt": "commandant", "col": "colonel", "lt": "lieutenant",
    "capt": "capitaine", "st": "saint", "ste": "sainte", "grde": "grande", "gde": "grande", "esp": "esplanade", "rpt": "rond",
    "hlm": "hlm", "bat": "batiment", "sgt": "sergent",
}  # fmt: skip
STREET_KINDS = _set(
    "rue avenue boulevard place allee route chemin impasse square cours faubourg quai lotissement residence zone "
    "esplanade passage voie promenade montee cite hameau"
)
# Mail boxes that anybody may have: their domain says nothing.
PUBLIC_DOMAINS = _set(
    "gmail.com wanadoo.fr orange.fr free.fr laposte.net yahoo.fr yahoo.com hotmail.fr hotmail.com outlook.com outlook.fr "
    "sfr.fr live.fr bbox.fr neuf.fr aol.com icloud.com france-services.gouv.fr googlemail.com numericable.fr msn.com "
    "conseiller-numerique.fr"
)


def meant(phrase: str) -> str:
    """The one word that stands for a phrase found by PHRASE."""
    return _MEANT[phrase]
