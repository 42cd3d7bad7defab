"""Names, places and spellings of Austria."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

AUSTRIA: Final = CountryPack(
    code="AT",
    currencies=("",),
    vat_group="EU",
    language="DEA",
    top_level_domain="at",
    family_names=words(
        """Gruber Huber Wagner Pichler Steiner Moser Mayerhofer Hofer Leitner Berger Fuchsberger Eder
        Fischl Schmidhuber Winklmayr Weberndorfer Schwarzl Maierl Schneeberger Reiterer Kainz Brunner
        Lang_Egger Baumgartner Auinger Wallnöfer Hölzl Höllwarth Königshofer Lechner Mitterer Neuhauser
        Oberhuber Pölzl Rössler Stöger Strobl Thaler Unterberger Vögele Wimmer Zöhrer Aigner Binder
        Dörflinger Ebner Feichtinger Gössl Haslinger Innerhofer Jöbstl Kröll Lackner Mühlböck Nußbaumer
        Ortner Pfeifenberger Rainer Schörghofer"""
    ),
    given_names=words(
        """Alois Brigitte Christoph Dagmar Eva Florian Gerlinde Hannes Irmgard Josef Karoline Leopold
        Magdalena Niki Ottilie Peter Romana Sepp Theresia Ulli Valentin Walpurga Anton Barbara Clemens
        Doris Elfriede Ferdinand Gertraud Hubert Ilse Johann Klara Lorenz Monika Natalie Philipp
        Roswitha Stefan Traudl Viktoria Wolfram Matthäus Zäzilia Jörg Günther"""
    ),
    places=places(
        """Wien | Wien | 1##0 | +43 1 9346-###
        Graz | Steiermark | 80## | +43 316 940-###
        Linz | Oberösterreich | 40## | +43 732 950-###
        Salzburg | Salzburg | 50## | +43 662 960-###
        Innsbruck | Tirol | 60## | +43 512 970-###
        Klagenfurt | Kärnten | 90## | +43 463 980-###
        Sankt Pölten | Niederösterreich | 31## | +43 2742 99-###
        Villach | Kärnten | 95## | +43 4242 91-###
        Wels | Oberösterreich | 46## | +43 7242 92-###
        Dornbirn | Vorarlberg | 685# | +43 5572 93-###
        Wörgl | Tirol | 63## | +43 5332 94-###
        Mürzzuschlag | Steiermark | 868# | +43 3852 95-##
        Kufstein | Tirol | 633# | +43 5372 96-##
        Eisenstadt | Burgenland | 70## | +43 2682 97-##"""
    ),
    streets=combined(
        "Maria-Theresien- Schubert Enzian Dorf Berg Haydn Kaiser Post Sonnleiten Wörther Grün",
        "straße gasse weg",
    )
    + words("Am_Graben Hauptplatz Franz-Josefs-Kai Obere_Donaulände Untere_Landstraße"),
    street_line="{street} {number}",
    second_lines=("Stiege 2, Top 14", "Top 7", "Objekt B", "Halle 3"),
    mobile="+43 660 #######",
    by_place=(
        "Möbel {name} {city}",
        "Wohnstudio {name} {city}",
        "Tischlerei {name} {city}",
        "Hotelausstattung {name} {city}",
        "Einrichtungshaus {name} {city}",
    ),
    by_partner=(
        "{name} & {partner} Wohnideen",
        "{name} & {partner} Möbelhandel",
        "{name}-{partner} Objekteinrichtung",
        "Küchenwerkstatt {name} & {partner}",
        "Raumkunst {name} {partner}",
    ),
    legal_forms=("GmbH", "Ges.m.b.H.", "OG", "e.U.", "KG"),
    vat_number="ATU########",
    job_titles=(
        "Geschäftsführung",
        "Einkauf",
        "Buchhaltung",
        "Lagerleitung",
        "Filialleitung",
        "Objektplanung",
    ),
)
