-- What the shop's rows are made of: names, streets and cities by country, in temporary tables.
-- Mail domains end in .example, which RFC 2606 reserves: no address here can reach anyone.

create temporary table country (
    id integer primary key,
    code text, calling_code text, currency text, mail_domains text[],
    number_first boolean, postal_digits integer, postal_letters text,
    iban_bank text, iban_digits integer,
    iban_bank_code text, iban_country_code text,  -- the same letters as ISO 13616 counts them, A = 10
    first_names text[], last_names text[], streets text[]
);
-- Uncompressed and in the row: the arrays are read once for every generated value.
alter table country alter first_names set storage plain, alter last_names set storage plain,
    alter streets set storage plain;

insert into country values
(0, 'DE', '+49', 'EUR', '{postfach.example,netzpost.example,schreib-mal.example}', false, 3, null, '', 18, '', '1314',
 '{Anna,Lukas,Marie,Felix,Sophie,Maximilian,Lena,Jonas,Hannah,Paul,Laura,Leon,Julia,Finn,Katharina,Elias,Sabine,Jürgen,Petra,Klaus,Monika,Günther,Ursula,Wolfgang,Jörg,Birgit,Stefan,Heike,Thomas,Käthe,Andreas,Nicole,Matthias,Silke,Florian,Anja,Tobias,Franziska,Sebastian,Elke}',
 '{Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch,Bauer,Richter,Klein,Wolf,Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Hartmann,Lange,Werner,Krause,Lehmann,Köhler,Maier,Herrmann,König,Walter,Huber,Kaiser,Fuchs,Peters,Lang,Scholz,Möller}',
 '{Hauptstraße,Bahnhofstraße,Schulstraße,Gartenstraße,Dorfstraße,Bergstraße,Lindenallee,Kirchweg,Waldstraße,Ringstraße,Goethestraße,Schillerstraße,Mozartstraße,Rosenweg,Am Markt,Mühlenweg,Friedrichstraße,Kastanienallee,Uferpromenade,Wiesengrund}'),
(1, 'FR', '+33', 'EUR', '{courrier.example,boite-postale.example}', true, 3, null, '', 23, '', '1527',
 '{Camille,Louis,Emma,Gabriel,Chloé,Raphaël,Inès,Jules,Manon,Hugo,Léa,Arthur,Zoé,Nathan,Alice,Théo,Juliette,Antoine,Élodie,Nicolas,Céline,Julien,Aurélie,Sébastien,Véronique,Jean-Luc,Françoise,Thierry,Sylvie,Benoît,Margaux,Clément,Amélie,Mathieu,Delphine,Guillaume,Noémie,Rémi,Solène,Yannick}',
 '{Martin,Bernard,Dubois,Thomas,Robert,Richard,Petit,Durand,Leroy,Moreau,Simon,Laurent,Lefèvre,Michel,Garcia,David,Bertrand,Roux,Vincent,Fournier,Morel,Girard,André,Mercier,Dupont,Lambert,Bonnet,François,Martinez,Legrand,Garnier,Faure,Rousseau,Blanc,Guérin,Muller,Henry,Roussel,Nicolas,Perrin}',
 '{Rue de la Paix,Avenue Victor Hugo,Rue de la République,Boulevard Voltaire,Rue des Lilas,Place du Marché,Rue Pasteur,Avenue Jean Jaurès,Rue du Moulin,Chemin des Vignes,Rue Gambetta,Quai de la Loire,Rue des Écoles,Impasse des Cerisiers,Allée des Tilleuls,Rue Saint-Michel,Rue de Verdun,Cours Mirabeau}'),
(2, 'GB', '+44', 'GBP', '{letterbox.example,pigeonhole.example,mail.example}', true, 1, 'ABDEFGHJLN', 'NWBK', 14, '23321120', '1611',
 '{Olivia,George,Amelia,Harry,Isla,Noah,Ava,Jack,Emily,Oliver,Grace,Charlie,Freya,Alfie,Poppy,Thomas,Margaret,Alan,Susan,Keith,Priya,Imran,Aisha,Rhys,Siân,Callum,Fiona,Hamish,Bronwen,Declan,Eleanor,Rupert,Gemma,Darren,Kirsty,Stuart,Yasmin,Owen,Bethany,Trevor}',
 '{Smith,Jones,Taylor,Brown,Williams,Wilson,Johnson,Davies,Patel,Robinson,Wright,Thompson,Evans,Walker,White,Roberts,Green,Hall,Thomas,Clarke,Jackson,Wood,Harris,Edwards,Turner,Martin,Cooper,Hill,Ward,Hughes,Khan,Morris,Begum,O''Connor,MacDonald,Campbell,Bennett,Griffiths,Shaw,Barker}',
 '{High Street,Station Road,Church Lane,Victoria Road,Green Lane,Mill Lane,Park Avenue,Queens Road,Kings Drive,The Crescent,Manor Close,Albert Street,Grange Road,Windsor Gardens,Chapel Hill,Orchard Way,Springfield Road,Rectory Lane}'),
(3, 'US', '+1', 'USD', '{mailroom.example,porchlight.example,inbox.example}', true, 2, null, null, null, null, null,
 '{James,Mary,Michael,Patricia,Robert,Jennifer,David,Linda,William,Elizabeth,Ethan,Madison,Tyler,Ashley,Brandon,Brittany,Jose,Guadalupe,Wei,Mei,DeShawn,Keisha,Noah,Emma,Liam,Sophia,Mason,Isabella,Logan,Mia,Carlos,Rosa,Kevin,Stephanie,Brian,Heather,Eric,Melissa,Justin,Amber}',
 '{Johnson,Williams,Brown,Davis,Miller,Wilson,Anderson,Jackson,White,Harris,Thompson,Lewis,Robinson,Walker,Perez,Hall,Young,Allen,Sanchez,King,Scott,Baker,Adams,Nelson,Hill,Ramirez,Campbell,Mitchell,Carter,Nguyen,Rivera,Chen,Patel,Kim,Washington,Jefferson,Cohen,Murphy,Kowalski,O''Brien}',
 '{Main Street,Oak Avenue,Maple Drive,Cedar Lane,Elm Street,Washington Boulevard,Lake Road,Sunset Drive,Park Place,Pine Street,Highland Avenue,River Road,Lincoln Way,Franklin Street,Chestnut Court,2nd Street,Willow Creek Road,Hillcrest Drive}'),
(4, 'NL', '+31', 'EUR', '{brievenbus.example,poststuk.example}', false, 2, 'ABCDEGHJKL', 'ABNA', 10, '10112310', '2321',
 '{Daan,Emma,Sem,Julia,Lucas,Sophie,Levi,Mila,Finn,Tess,Bram,Saar,Jesse,Lotte,Thijs,Fleur,Ruben,Noor,Jan,Maria,Pieter,Annelies,Henk,Ingrid,Willem,Marijke,Joost,Femke,Sander,Anouk,Gijs,Roos,Maarten,Esther,Koen,Iris,Bas,Sanne,Wouter,Hanneke}',
 '{de Jong,Jansen,de Vries,van den Berg,van Dijk,Bakker,Janssen,Visser,Smit,Meijer,de Boer,Mulder,de Groot,Bos,Vos,Peters,Hendriks,van Leeuwen,Dekker,Brouwer,de Wit,Dijkstra,Smits,de Graaf,van der Meer,van der Linden,Kok,Jacobs,de Haan,Vermeulen,van den Heuvel,van der Veen,van den Broek,de Bruijn,van der Heijden,Schouten,van Beek,Willems,van Vliet,Hoekstra}',
 '{Dorpsstraat,Kerkstraat,Molenweg,Schoolstraat,Prinsengracht,Nieuwstraat,Julianastraat,Wilhelminalaan,Beatrixplein,Stationsweg,Burgemeesterslaan,Lindelaan,Eikenlaan,Havenkade,Zeestraat,Kastanjelaan}'),
(5, 'ES', '+34', 'EUR', '{buzon.example,correo.example}', false, 3, null, '', 20, '', '1428',
 '{Lucía,Hugo,Martina,Mateo,María,Martín,Sofía,Pablo,Paula,Alejandro,Valeria,Daniel,Carmen,Álvaro,Alba,Adrián,Noelia,David,Laura,Javier,Marta,Sergio,Elena,Íñigo,Pilar,José,Rosario,Manuel,Begoña,Antonio,Nuria,Raúl,Silvia,Óscar,Lorena,Rubén,Ainhoa,Iker,Montserrat,Jordi}',
 '{García,Rodríguez,González,Fernández,López,Martínez,Sánchez,Pérez,Gómez,Martín,Jiménez,Ruiz,Hernández,Díaz,Moreno,Muñoz,Álvarez,Romero,Alonso,Gutiérrez,Navarro,Torres,Domínguez,Vázquez,Ramos,Gil,Ramírez,Serrano,Blanco,Molina,Morales,Suárez,Ortega,Delgado,Castro,Ortiz,Rubio,Marín,Sanz,Núñez}',
 '{Calle Mayor,Avenida de la Constitución,Calle Real,Plaza de España,Calle del Sol,Paseo Marítimo,Calle Nueva,Ronda de San Antonio,Calle de la Iglesia,Avenida de Andalucía,Calle Cervantes,Camino Viejo,Calle del Carmen,Travesía del Pilar,Calle Goya,Rambla Nova}'),
(6, 'IT', '+39', 'EUR', '{casella.example,cartolina.example}', false, 3, null, 'X', 22, '33', '1829',
 '{Leonardo,Sofia,Francesco,Giulia,Alessandro,Aurora,Lorenzo,Ginevra,Mattia,Alice,Andrea,Emma,Gabriele,Giorgia,Riccardo,Greta,Tommaso,Beatrice,Edoardo,Anna,Giuseppe,Chiara,Antonio,Francesca,Giovanni,Martina,Marco,Elisa,Luca,Valentina,Paolo,Silvia,Stefano,Federica,Davide,Ilaria,Nicolò,Noemi,Simone,Serena}',
 '{Rossi,Russo,Ferrari,Esposito,Bianchi,Romano,Colombo,Ricci,Marino,Greco,Bruno,Gallo,Conti,De Luca,Mancini,Costa,Giordano,Rizzo,Lombardi,Moretti,Barbieri,Fontana,Santoro,Mariani,Rinaldi,Caruso,Ferrara,Galli,Martini,Leone,Longo,Gentile,Martinelli,Vitale,Lombardo,Serra,Coppola,De Santis,D''Angelo,Marchetti}',
 '{Via Roma,Via Garibaldi,Corso Italia,Via Mazzini,Piazza del Duomo,Via Dante,Viale della Libertà,Via Verdi,Via Cavour,Via XX Settembre,Via Marconi,Via della Repubblica,Vicolo Stretto,Via San Giovanni,Lungomare Colombo,Via dei Mille}'),
(7, 'PL', '+48', 'PLN', '{skrytka.example,listonosz.example}', false, 3, null, '', 24, '', '2521',
 '{Zofia,Antoni,Julia,Jakub,Zuzanna,Jan,Maja,Szymon,Hanna,Aleksander,Lena,Franciszek,Alicja,Filip,Maria,Mikołaj,Oliwia,Wojciech,Amelia,Kacper,Małgorzata,Paweł,Agnieszka,Michał,Katarzyna,Łukasz,Ewa,Grzegorz,Bożena,Zbigniew,Joanna,Krzysztof,Elżbieta,Stanisław,Barbara,Tadeusz,Danuta,Sławomir,Iwona,Jarosław}',
 '{Nowak,Kowalski,Wiśniewski,Wójcik,Kowalczyk,Kamiński,Lewandowski,Zieliński,Szymański,Woźniak,Dąbrowski,Kozłowski,Mazur,Jankowski,Kwiatkowski,Krawczyk,Kaczmarek,Piotrowski,Grabowski,Zając,Pawłowski,Michalski,Król,Wieczorek,Jabłoński,Wróbel,Nowakowski,Majewski,Olszewski,Stępień,Malinowski,Jaworski,Adamczyk,Dudek,Nowicki,Pawlak,Górski,Witkowski,Walczak,Sikora}',
 '{ul. Polna,ul. Leśna,ul. Słoneczna,ul. Krótka,ul. Szkolna,ul. Ogrodowa,ul. Lipowa,ul. Brzozowa,ul. Łąkowa,ul. Kwiatowa,ul. Kościuszki,al. Jana Pawła II,ul. Mickiewicza,ul. Piłsudskiego,pl. Wolności,ul. Sienkiewicza}');

create temporary table city (
    id integer generated always as identity (start with 0 minvalue 0) primary key,
    country_id integer, name text, postal_prefix text, area_code text
);
insert into city (country_id, name, postal_prefix, area_code) values
(0, 'Berlin', '10', '30'), (0, 'Hamburg', '20', '40'), (0, 'München', '80', '89'), (0, 'Köln', '50', '221'),
(0, 'Leipzig', '04', '341'), (0, 'Freiburg im Breisgau', '79', '761'),
(1, 'Paris', '75', '1'), (1, 'Lyon', '69', '4'), (1, 'Marseille', '13', '4'), (1, 'Toulouse', '31', '5'),
(1, 'Nantes', '44', '2'), (1, 'Saint-Étienne', '42', '4'),
(2, 'London', 'SW4 ', '20'), (2, 'Manchester', 'M14 ', '161'), (2, 'Leeds', 'LS6 ', '113'),
(2, 'Glasgow', 'G12 ', '141'), (2, 'Cardiff', 'CF10 ', '29'), (2, 'Bristol', 'BS3 ', '117'),
(3, 'New York', '100', '212'), (3, 'Chicago', '606', '312'), (3, 'Portland', '972', '503'),
(3, 'Austin', '787', '512'), (3, 'Denver', '802', '303'), (3, 'Atlanta', '303', '404'),
(4, 'Amsterdam', '10', '20'), (4, 'Rotterdam', '30', '10'), (4, 'Utrecht', '35', '30'),
(4, '''s-Hertogenbosch', '52', '73'), (4, 'Groningen', '97', '50'), (4, 'Maastricht', '62', '43'),
(5, 'Madrid', '28', '91'), (5, 'Barcelona', '08', '93'), (5, 'Sevilla', '41', '95'), (5, 'Valencia', '46', '96'),
(5, 'Bilbao', '48', '94'), (5, 'A Coruña', '15', '981'),
(6, 'Roma', '00', '06'), (6, 'Milano', '20', '02'), (6, 'Napoli', '80', '081'), (6, 'Torino', '10', '011'),
(6, 'Bologna', '40', '051'), (6, 'Forlì', '47', '0543'),
(7, 'Warszawa', '02-', '22'), (7, 'Kraków', '30-', '12'), (7, 'Łódź', '90-', '42'), (7, 'Wrocław', '50-', '71'),
(7, 'Poznań', '60-', '61'), (7, 'Gdańsk', '80-', '58');
