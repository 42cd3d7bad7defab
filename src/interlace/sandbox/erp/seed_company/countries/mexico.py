"""Names, places and spellings of Mexico."""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

MEXICO: Final = CountryPack(
    code="MX",
    currencies=("MXN", "MXN", "MXN", "USD"),
    vat_group="EXPORT",
    language="ESM",
    top_level_domain="mx",
    family_names=words(
        """Hernández García Martínez López González Pérez Sánchez Ramírez Cruz Flores Gómez Morales Vázquez
        Jiménez Reyes Díaz Torres Gutiérrez Ruiz Mendoza Aguilar Ortiz Castillo Muñoz Núñez Peña Ibáñez
        Cedeño Ordóñez Zúñiga Güemes Argüello Castañeda Yáñez Ávila Íñiguez Róbles Treviño Villaseñor
        Quiñones"""
    ),
    given_names=words(
        """Alejandra Andrés Beatriz Benjamín Carmen César Daniela Diego Esperanza Emilio Fernanda Félix
        Guadalupe Germán Inés Iván José_Luis Josefina Jesús Karla Lucía Luis María_José Martín Mónica
        Nicolás Noemí Óscar Paloma Raúl Rocío Sofía Sebastián Teresa Tomás Úrsula Verónica Víctor Ximena
        Yolanda Begoña Íñigo"""
    ),
    places=places(
        """Ciudad de México | CDMX | 06### | +52 55 5### ####
        Guadalajara | Jalisco | 44### | +52 33 3### ####
        Monterrey | Nuevo León | 64### | +52 81 8### ####
        Puebla | Puebla | 72### | +52 222 2## ####
        Querétaro | Querétaro | 76### | +52 442 2## ####
        Mérida | Yucatán | 97### | +52 999 9## ####
        León | Guanajuato | 37### | +52 477 7## ####
        San Luis Potosí | San Luis Potosí | 78### | +52 444 8## ####
        Cancún | Quintana Roo | 77### | +52 998 8## ####
        Tijuana | Baja California | 22### | +52 664 6## ####"""
    ),
    streets=combined(
        "Calle_ Avenida_ Calzada_", "Juárez Hidalgo Niños_Héroes Revolución Pípila Álamos Jardín Ocaña"
    )
    + words("Paseo_de_la_Peña Callejón_del_Ángel Boulevard_Díaz_Ordaz"),
    street_line="{street} No. {number}",
    second_lines=("Colonia Centro", "Colonia Roma Norte", "Local 8", "Piso 3", "Parque Industrial Peñuelas"),
    mobile="+52 55 1### ####",
    by_place=(
        "Mueblería {name} {city}",
        "Muebles y Diseño {name} {city}",
        "Oficinas {name} {city}",
        "Interiores {name} de {city}",
    ),
    by_partner=(
        "{name} y {partner} Muebles",
        "Grupo {name} {partner}",
        "Decoración {name} y {partner}",
        "Comercializadora {name} {partner}",
    ),
    legal_forms=("S.A. de C.V.", "S. de R.L. de C.V.", "S.A.", "S.A.S. de C.V."),
    vat_number="@@@######@#@",
    job_titles=(
        "Director General",
        "Jefe de Compras",
        "Contaduría",
        "Gerente de Tienda",
        "Almacén",
        "Diseñadora",
    ),
)
