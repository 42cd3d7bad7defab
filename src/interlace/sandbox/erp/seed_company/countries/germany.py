"""Names, places and spellings of Germany."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

GERMANY: Final = CountryPack(
    code="DE",
    currencies=("",),
    vat_group="DOMESTIC",
    language="DEU",
    top_level_domain="de",
    family_names=words(
        """Brandt Kessler Möller Vogt Lindner Sauer Böhm Schröder Hagemann Petersen Wüst Krüger Jäger
        Fröhlich Reinhardt Thiel Ostermann Dörfler Kühn Bergmann Seidel Haußmann Pohl Lorenz Engel
        Günther Albrecht Hübner Steinbach Rösler Wiedemann Marquardt Fuchs Grimm Löffler Behrens Eckert
        Schürmann Nagel Ziegler Kirchhoff Baumgart Schönfeld Döring Harms Lüders Voß Michels Rademacher
        Trautmann Ebeling Gröning Heuser Ihle Junghans Kräft Leutner Mählmann Niehaus Overbeck Pfäffle
        Quandt Rüther Stöcker Teichert Uhlig Vollmer Wörner Zöllner Achternbusch Bürger Clausen Drexler
        Ehlers Förster Gärtner Hölscher Imhoff Jürgens Körber Lübke Mühlbauer Nöth Öhler Plöger Röhrig
        Süßmuth Tönnies Übelacker Völker"""
    ),
    given_names=words(
        """Anke Bernd Carola Dieter Elke Frank Gudrun Holger Ines Jörg Katrin Lars Martina Norbert Olaf
        Petra Rainer Sabine Thomas Ulrike Volker Wiebke Xaver Yvonne Zoë Alexander Birgit Christian
        Dörte Erik Franziska Günter Hannah Ingo Jürgen Käthe Lukas Maren Niklas Ole Paula Ralf Sönke
        Tanja Uwe Vera Wolfgang Jan_Philipp Anna-Lena Karl-Heinz Björn Änne Lennart Mareike Henning
        Svenja Torsten Friederike"""
    ),
    places=places(
        """Berlin | Berlin | 10### | +49 30 23125 ###
        Hamburg | Hamburg | 20### | +49 40 66969 ###
        München | Bayern | 80### | +49 89 99998 ###
        Köln | Nordrhein-Westfalen | 50### | +49 221 4710 ###
        Frankfurt am Main | Hessen | 60### | +49 69 90009 ###
        Stuttgart | Baden-Württemberg | 70### | +49 711 9800-##
        Düsseldorf | Nordrhein-Westfalen | 40### | +49 211 9300-##
        Leipzig | Sachsen | 04### | +49 341 9500-##
        Dresden | Sachsen | 01### | +49 351 9600-##
        Hannover | Niedersachsen | 30### | +49 511 9700-##
        Bremen | Bremen | 28### | +49 421 9400-##
        Lübeck | Schleswig-Holstein | 23### | +49 451 9900-##
        Kiel | Schleswig-Holstein | 24### | +49 431 9100-##
        Rostock | Mecklenburg-Vorpommern | 18### | +49 381 9200-##
        Nürnberg | Bayern | 90### | +49 911 9300-##
        Würzburg | Bayern | 97### | +49 931 9600-##
        Münster | Nordrhein-Westfalen | 48### | +49 251 9700-##
        Osnabrück | Niedersachsen | 49### | +49 541 9800-##
        Göttingen | Niedersachsen | 37### | +49 551 9900-##
        Kassel | Hessen | 34### | +49 561 9100-##
        Erfurt | Thüringen | 99### | +49 361 9200-##
        Jena | Thüringen | 07### | +49 3641 9300-##
        Saarbrücken | Saarland | 66### | +49 681 9400-##
        Mainz | Rheinland-Pfalz | 55### | +49 6131 9500-##
        Koblenz | Rheinland-Pfalz | 56### | +49 261 9600-##
        Tübingen | Baden-Württemberg | 72### | +49 7071 970-##
        Freiburg im Breisgau | Baden-Württemberg | 79### | +49 761 9800-##
        Mönchengladbach | Nordrhein-Westfalen | 41### | +49 2161 990-##
        Bielefeld | Nordrhein-Westfalen | 33### | +49 521 9100-##
        Magdeburg | Sachsen-Anhalt | 39### | +49 391 9200-##
        Cottbus | Brandenburg | 03### | +49 355 9300-##
        Görlitz | Sachsen | 02### | +49 3581 940-##"""
    ),
    streets=combined(
        """Linden Garten Mühlen Kirch Schul Bahnhof Rosen Tannen Hafen Brücken Königs Müller Wiesen Werft
        Bürger Gärtner Nordsee Schloß Töpfer Küfer""",
        "straße weg allee gasse",
    )
    + words(
        "Am_Güterbahnhof An_der_Alten_Börse Zum_Möbelwerk Große_Freiheit Unter_den_Eichen Käthe-Kollwitz-Ufer"
    ),
    street_line="{street} {number}",
    second_lines=(
        "Hinterhaus",
        "2. Obergeschoss",
        "Gebäude C, Tor 4",
        "Postfach 10 12 04",
        "Anlieferung über Hof",
    ),
    mobile="+49 15## #######",
    by_place=(
        "Möbelhaus {name} {city}",
        "Wohnwelt {name} {city}",
        "Einrichtungshaus {name} {city}",
        "Küchenstudio {name} {city}",
        "Büro & Objekt {name} {city}",
        "Polster {name} {city}",
        "Raumausstattung {name} {city}",
        "Schlafkultur {name} {city}",
    ),
    by_partner=(
        "{name} & {partner} Wohnen",
        "{name} & {partner} Einrichtungen",
        "{name} + {partner} Bürokonzepte",
        "Möbel {name} und {partner}",
        "{name} & {partner} Innenausbau",
        "Tischlerei {name} & {partner}",
        "{name}, {partner} & Söhne Möbelhandel",
        "Objektplanung {name} {partner}",
    ),
    legal_forms=("GmbH", "GmbH & Co. KG", "e. K.", "KG", "OHG", "AG", ""),
    vat_number="DE#########",
    job_titles=(
        "Geschäftsführung",
        "Einkauf",
        "Einkaufsleitung",
        "Buchhaltung",
        "Logistik",
        "Filialleitung",
        "Vertrieb",
        "Disposition",
    ),
)
