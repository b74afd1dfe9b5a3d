-- Fills the shop. Every value is a function of a row's number and the seed: pick() hashes, nothing is random.
-- Settings read: shop.orders (how many orders; all other tables follow from it) and shop.seed.

do $$
begin
    execute format(
        'create function pg_temp.pick(row_no bigint, salt integer, choices bigint) returns bigint
         language sql immutable parallel safe as
         ''select (hashint8extended($1, %s + $2) & 9223372036854775807) %% $3''',
        current_setting('shop.seed')::bigint * 1000
    );
end $$;

create function pg_temp.ip(row_no bigint, salt integer) returns inet
language sql immutable parallel safe as
$$ select '11.0.0.0'::inet + pg_temp.pick(row_no, salt, 3204448256) $$;

create temporary table size as
select orders, greatest(100, orders / 8) as customers, greatest(150, orders / 5) as addresses,
       least(20000, greatest(120, orders / 100)) as products, orders / 25 as tickets,
       orders / 40 as mails, orders / 2 as views
from (select current_setting('shop.orders')::bigint as orders) as setting;

create temporary table person as
select row_no as id, country.id as country_id,
       pg_temp.pick(row_no, 2, 6) + country.id * 6 as city_id,
       country.first_names[1 + pg_temp.pick(row_no, 3, cardinality(country.first_names))] as first_name,
       country.last_names[1 + pg_temp.pick(row_no, 4, cardinality(country.last_names))] as last_name,
       -- Signups are spread evenly over 2019 to mid 2025.
       timestamptz '2019-01-01 07:00:00+00'
           + (row_no::float8 / size.customers * 2372 * 86400)::bigint * interval '1 second' as created_at
from size, generate_series(1, size.customers) as row_no
join country on country.id = ('{0,0,0,0,1,1,2,2,2,3,3,3,4,5,6,7}'::int[])[1 + pg_temp.pick(row_no, 1, 16)];

create temporary table contact as
select person.*, first_name || ' ' || last_name as full_name, country.code as country, country.currency,
       -- ASCII letters, no spaces; the number makes the address unique. (lower() of a C locale leaves É as it is.)
       translate(
           lower(first_name || '.' || last_name),
           'äâöüßéèêëçñáíóúàòìïîôåłśźżńćąęÉÍÁÓŁ'' ', 'aaouseeeecnaiouaoiiioalszzncaeeiaol'
       ) || person.id || '@'
           || country.mail_domains[1 + pg_temp.pick(person.id, 5, cardinality(country.mail_domains))] as email,
       country.calling_code || ' ' || city.area_code || ' '
           || lpad(pg_temp.pick(person.id, 6, 10000000)::text, 7, '0') as phone,
       case
           when country.number_first
               then 1 + pg_temp.pick(person.id, 7, 180) || ' '
                   || country.streets[1 + pg_temp.pick(person.id, 8, cardinality(country.streets))]
           else country.streets[1 + pg_temp.pick(person.id, 8, cardinality(country.streets))] || ' '
               || 1 + pg_temp.pick(person.id, 7, 180)
       end as street,
       city.postal_prefix
           || lpad(pg_temp.pick(person.id, 9, (10 ^ country.postal_digits)::bigint)::text, country.postal_digits, '0')
           || case
                  when country.postal_letters is null then ''
                  else (case country.code when 'NL' then ' ' else '' end)
                      || substr(country.postal_letters, 1 + pg_temp.pick(person.id, 10, 10)::int, 1)
                      || substr(country.postal_letters, 1 + pg_temp.pick(person.id, 11, 10)::int, 1)
              end as postal_code,
       city.name as city
from person
join country on country.id = person.country_id
join city on city.id = person.city_id;

analyze person;
analyze contact;

insert into products (id, sku, name, category, price, tags, attributes, discontinued) overriding system value
select row_no,
       upper(left(category, 3)) || '-' || lpad(row_no::text, 6, '0'),
       ('{Classic,Nordic,Urban,Alpine,Everyday,Compact,Heritage,Featherlight,Rugged,Signature}'::text[])
           [1 + pg_temp.pick(row_no, 20, 10)] || ' '
           || ('{Cotton,Oak,Steel,Linen,Ceramic,Wool,Bamboo,Leather,Glass,Cork}'::text[])
           [1 + pg_temp.pick(row_no, 21, 10)] || ' '
           || ('{Lamp,Chair,Backpack,Jacket,Mug,Notebook,Blanket,Kettle,Tent,Bicycle Bell,Desk,Watch}'::text[])
           [1 + pg_temp.pick(row_no, 22, 12)],
       category,
       (399 + pg_temp.pick(row_no, 23, 18000)) / 100.0,
       array[category, ('{new,sale,eco,"gift idea","last chance"}'::text[])[1 + pg_temp.pick(row_no, 24, 5)]],
       jsonb_build_object(
           'colour', ('{red,blue,green,black,white,sand}'::text[])[1 + pg_temp.pick(row_no, 25, 6)],
           'weight_g', 50 + pg_temp.pick(row_no, 26, 5000),
           'sizes', jsonb_build_array('S', 'M', 'L')
       ),
       pg_temp.pick(row_no, 27, 20) = 0
from (
    select row_no,
           ('{home,garden,outdoor,office,kitchen,fashion}'::text[])[1 + pg_temp.pick(row_no, 28, 6)] as category
    from size, generate_series(1, size.products) as row_no
) as product;

insert into promotions (name, discount_percent, valid)
select to_char(starts, 'FMMonth YYYY') || ' sale', 5 + 5 * pg_temp.pick(month, 30, 5),
       tstzrange(starts + interval '3 days', starts + interval '17 days')
from generate_series(0, 41) as month,
     lateral (select timestamptz '2022-01-01 00:00:00+00' + month * interval '1 month' as starts) as start;

insert into customers (
    id, email, first_name, last_name, phone, birth_date, national_id, status, interests, preferences,
    loyalty_points, last_login_at, last_login_ip, notes, referred_by, default_address_id, created_at, updated_at
)
select id, email, first_name, last_name,
       case when pg_temp.pick(id, 40, 12) > 0 then phone end,
       case when pg_temp.pick(id, 41, 15) > 0 then date '1940-01-01' + pg_temp.pick(id, 42, 24800)::int end,
       case when pg_temp.pick(id, 43, 3) = 0
           then country || lpad(((id * 7919 + 104729) % 10000000000)::text, 10, '0') end,
       ('{active,active,active,active,active,active,dormant,dormant,blocked,closed}'::customer_status[])
           [1 + pg_temp.pick(id, 44, 10)],
       ('{cycling,cooking,"board games",gardening,"interior design",hiking,photography,music}'::text[])
           [1 + pg_temp.pick(id, 45, 6):1 + pg_temp.pick(id, 45, 6) + pg_temp.pick(id, 46, 3)],
       jsonb_build_object(
           'theme', ('{light,dark,system}'::text[])[1 + pg_temp.pick(id, 47, 3)],
           'newsletter', pg_temp.pick(id, 60, 5) = 0,
           'contact', jsonb_build_object('email', email, 'phone', phone, 'channel', 'email')
       ),
       pg_temp.pick(id, 48, 2500),
       created_at + (timestamptz '2025-07-01 00:00:00+00' - created_at) * (pg_temp.pick(id, 49, 1000) / 1000.0),
       pg_temp.ip(id, 50),
       case pg_temp.pick(id, 51, 14)
           when 0 then 'Prefers to be called by ' || first_name || ', never Mr or Ms ' || last_name || '.'
           when 1 then E'Called about a late parcel.\nCall back: ' || phone || E'\tafter 5 pm'
           when 2 then ''
       end,
       case when id > 1 and pg_temp.pick(id, 52, 6) = 0 then 1 + pg_temp.pick(id, 53, id - 1) end,
       case when pg_temp.pick(id, 54, 10) > 0 then id end,
       created_at, created_at + interval '40 days'
from contact;

-- Address n belongs to customer n; the rest are second addresses.
insert into addresses (id, customer_id, label, recipient, street, postal_code, city, country, created_at)
select id, id, 'home', full_name, street, postal_code, city, country, created_at from contact
union all
select row_no, owner.id, ('{work,holiday,parents}'::text[])[1 + pg_temp.pick(row_no, 62, 3)],
       owner.full_name, place.street, place.postal_code, place.city, place.country,
       owner.created_at + interval '100 days'
from size, generate_series(size.customers + 1, size.addresses) as row_no
join contact as owner on owner.id = 1 + pg_temp.pick(row_no, 63, (select customers from size))
join contact as place on place.id = 1 + pg_temp.pick(row_no, 64, (select customers from size));

insert into newsletter_subscriptions (email, topic, subscribed_at)
select email, topic, created_at + interval '1 hour'
from contact, unnest('{offers,"new arrivals"}'::text[]) with ordinality as topics (topic, n)
where pg_temp.pick(id, 60, 5) = 0 and n <= 1 + pg_temp.pick(id, 61, 2);

-- Orders get denser with time (2022 to mid 2025). Each belongs to a customer who had signed up by then, and a
-- squared draw makes a few customers order often.
create temporary table purchase as
select id, ordered_at, (ordered_at at time zone 'UTC')::date as ordered_on,
       1 + floor(
           extract(epoch from ordered_at - timestamptz '2019-01-01 12:00:00+00') / 86400 / 2374
           * size.customers * luck * luck
       )::bigint as customer_id
from size,
     lateral (
         select row_no as id,
                timestamptz '2022-01-01 00:00:00+00'
                    + floor(sqrt(row_no::float8 / size.orders) * 1277 * 86400) * interval '1 second' as ordered_at,
                pg_temp.pick(row_no, 70, 1000000) / 1000000.0::float8 as luck
         from generate_series(1, size.orders) as row_no
     ) as draw;
analyze purchase;

insert into order_items (order_id, line_no, ordered_on, product_id, quantity, unit_price)
select purchase.id, line_no, ordered_on, products.id, 1 + pg_temp.pick(purchase.id * 4 + line_no, 81, 3), price
from size, purchase
cross join generate_series(1, 3) as line_no
join products on products.id = 1 + pg_temp.pick(purchase.id * 4 + line_no, 80, (select products from size))
where line_no <= 1 + pg_temp.pick(purchase.id, 82, 3);

insert into orders (
    id, ordered_on, invoice_number, customer_id, status, ordered_at, contact_email, contact_phone, client_ip,
    user_agent, ship_name, ship_street, ship_postal_code, ship_city, ship_country, gift_message, currency, total
) overriding system value
select purchase.id, ordered_on, 100000 + purchase.id, customer_id,
       case
           when ordered_on > date '2025-06-25' then 'new'
           else ('{delivered,delivered,delivered,delivered,shipped,paid,returned,cancelled}'::order_status[])
               [1 + pg_temp.pick(purchase.id, 90, 8)]
       end,
       ordered_at, email,
       case when pg_temp.pick(purchase.id, 91, 4) > 0 then phone end,
       pg_temp.ip(purchase.id, 92),
       (array[
           'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0 Safari/537.36',
           'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
           'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0',
           'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
           'ShopApp/4.2 (Android 15; Pixel 9)'
       ])[1 + pg_temp.pick(purchase.id, 93, 5)],
       full_name, street, postal_code, city, country,
       case when pg_temp.pick(purchase.id, 94, 25) = 0
           then 'Happy birthday, with love from ' || first_name || '!' end,
       currency, total
from purchase
join contact on contact.id = customer_id
join (
    select order_id, sum(quantity * unit_price) as total from order_items group by order_id
) as basket on order_id = purchase.id;

-- ISO/IEC 7812's check digit, four digits at a time: the first and third of four count double.
create temporary table luhn as
select digits, (doubled[1 + digits / 1000] + digits / 100 % 10 + doubled[1 + digits / 10 % 10] + digits % 10) as weight
from generate_series(0, 9999) as digits, (values ('{0,2,4,6,8,1,3,5,7,9}'::int[])) as d (doubled);
analyze luhn;

insert into payments (
    order_id, ordered_on, method, card_holder, card_number, card_expires, iban, amount, reference, paid_at
)
select orders.id, ordered_on, method,
       case when method <> 'voucher' then ship_name end,
       case when method = 'card'
           then (card * 10 + (10 - (a.weight + b.weight + c.weight + d.weight) % 10) % 10)::text end,
       case when method = 'card'
           then lpad((1 + card % 12)::text, 2, '0') || '/' || 26 + card % 5 end,
       case when method = 'direct debit'
           -- ISO 13616: check digits are 98 minus the rest of account, bank and country by 97.
           then country.code
               || lpad((98 - (iban_bank_code || account || iban_country_code || '00')::numeric % 97)::text, 2, '0')
               || iban_bank || account end,
       total, md5('payment ' || orders.id)::uuid, ordered_at + interval '3 minutes'
from (
    select *, 400000000000000 + pg_temp.pick(id, 100, 150000000000000) as card,
           case
               when pg_temp.pick(id, 101, 20) = 0 then 'voucher'
               when pg_temp.pick(id, 101, 20) < 6 and ship_country <> 'US' then 'direct debit'
               else 'card'
           end::payment_method as method
    from orders
    where status not in ('new', 'cancelled')
) as orders
join country on country.code = ship_country
join luhn as a on a.digits = card / 100000000000
join luhn as b on b.digits = card / 10000000 % 10000
join luhn as c on c.digits = card / 1000 % 10000
join luhn as d on d.digits = card % 1000 * 10
cross join lateral (
    select left(
        lpad(pg_temp.pick(orders.id, 102, 1000000000000)::text, 12, '0')
            || lpad(pg_temp.pick(orders.id, 103, 1000000000000)::text, 12, '0'),
        iban_digits
    ) as account
) as bank;

insert into support_tickets (customer_id, subject, body, payload, opened_at, closed_at)
select contact.id,
       ('{Late parcel,Refund,Wrong size,Cannot log in,Change of address,Question about my invoice}'::text[])
           [1 + pg_temp.pick(row_no, 111, 6)],
       'Hello, my name is ' || full_name || ' and I ordered '
           || ('{"last week",yesterday,"in the spring","for my mother"}'::text[])[1 + pg_temp.pick(row_no, 112, 4)]
           || E'. Nothing has arrived yet.\nPlease write to ' || email || ' or call ' || phone
           || case when pg_temp.pick(row_no, 113, 3) = 0 then '. My address is ' || street || ', ' || city else '' end
           || E'.\nKind regards, ' || first_name,
       jsonb_build_object(
           'from', jsonb_build_object('name', full_name, 'email', email, 'phone', phone),
           'client', jsonb_build_object('ip', host(pg_temp.ip(row_no, 114)), 'locale', lower(country)),
           'channel', ('{mail,web,chat}'::text[])[1 + pg_temp.pick(row_no, 115, 3)],
           'tags', jsonb_build_array('parcel', 'priority ' || pg_temp.pick(row_no, 116, 3))
       ),
       opened_at,
       case when pg_temp.pick(row_no, 117, 5) > 0 then opened_at + interval '2 days' end
from size, generate_series(1, size.tickets) as row_no
join contact on contact.id = 1 + pg_temp.pick(row_no, 110, (select customers from size)),
lateral (
    select contact.created_at
        + (timestamptz '2025-07-01 00:00:00+00' - contact.created_at) * (pg_temp.pick(row_no, 118, 1000) / 1000.0)
        as opened_at
) as moment;

insert into outbox (recipient, subject, body, created_at, attempts)
select email, 'Your order has shipped',
       'Dear ' || full_name || E',\n\nyour parcel is on its way to ' || street || ', ' || city || '.',
       timestamptz '2025-06-30 06:00:00+00' + row_no * interval '1 second', pg_temp.pick(row_no, 121, 3)
from size, generate_series(1, size.mails) as row_no
join contact on contact.id = 1 + pg_temp.pick(row_no, 120, (select customers from size));

insert into page_views (viewed_at, session_id, customer_id, url, client_ip, milliseconds)
select timestamptz '2025-01-01 00:00:00+00' + (row_no::float8 / size.views * 181 * 86400) * interval '1 second',
       md5('session ' || row_no / 6)::uuid, contact.id,
       case pg_temp.pick(row_no, 132, 8)
           when 0 then coalesce('/newsletter/confirm?email=' || replace(email, '@', '%40'), '/')
           when 1 then '/cart'
           else '/product/' || 1 + pg_temp.pick(row_no, 133, (select products from size)) || '?ref=search'
       end,
       pg_temp.ip(row_no / 6, 134), 12 + pg_temp.pick(row_no, 135, 900)
from size, generate_series(1, size.views) as row_no
left join contact
    on contact.id = case when pg_temp.pick(row_no / 6, 130, 3) > 0
        then 1 + pg_temp.pick(row_no / 6, 131, (select customers from size)) end;

insert into audit."Change Log" ("Table Name", "Row Id", "Changed By", "Old Values", "Changed At")
select 'customers', id, ('{app,support,import}'::text[])[1 + pg_temp.pick(id, 141, 3)],
       jsonb_build_object('email', 'old.' || email, 'last_name', last_name), created_at + interval '40 days'
from contact
where pg_temp.pick(id, 140, 4) = 0;

select setval(pg_get_serial_sequence('customers', 'id'), max(id)) from customers;
select setval(pg_get_serial_sequence('addresses', 'id'), max(id)) from addresses;
select setval(pg_get_serial_sequence('products', 'id'), max(id)) from products;
select setval(pg_get_serial_sequence('orders', 'id'), max(id)) from orders;
select setval('invoice_numbers', max(invoice_number)) from orders;

drop table person, contact, purchase, luhn, country, city, size;
drop function pg_temp.ip, pg_temp.pick;
