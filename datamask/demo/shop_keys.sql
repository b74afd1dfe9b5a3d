-- Keys, checks, indexes, views and triggers of the shop, once its rows are in.

alter table customers
    add constraint customers_pkey primary key (id),
    add constraint customers_email_key unique (email),
    add constraint customers_national_id_key unique (national_id),
    add constraint customers_birth_date_check check (birth_date > '1900-01-01'),
    add constraint customers_points_check check (loyalty_points >= 0);
alter table addresses add constraint addresses_pkey primary key (id);
alter table newsletter_subscriptions add constraint newsletter_subscriptions_pkey primary key (email, topic);
alter table products
    add constraint products_pkey primary key (id),
    add constraint products_sku_key unique (sku);
alter table promotions
    add constraint promotions_pkey primary key (id),
    add constraint promotions_discount_check check (discount_percent between 1 and 90),
    add constraint promotions_do_not_overlap exclude using gist (valid with &&);
alter table orders
    add constraint orders_pkey primary key (id, ordered_on),
    add constraint orders_date_check check (ordered_on = (ordered_at at time zone 'UTC')::date);
alter table order_items
    add constraint order_items_pkey primary key (order_id, line_no),
    add constraint order_items_quantity_check check (quantity > 0);
alter table payments
    add constraint payments_pkey primary key (id),
    add constraint payments_reference_key unique (reference),
    add constraint payments_card_check check (card_number ~ '^[0-9]{13,19}$'),
    add constraint payments_method_check check (num_nonnulls(card_number, iban) <= 1);
alter table support_tickets add constraint support_tickets_pkey primary key (id);
alter table outbox add constraint outbox_pkey primary key (id);
alter table audit."Change Log" add constraint "Change Log_pkey" primary key ("Id");

alter table customers add constraint customers_referred_by_fkey
    foreign key (referred_by) references customers (id) on delete set null;
alter table customers add constraint customers_default_address_fkey
    foreign key (default_address_id) references addresses (id) deferrable initially deferred;
alter table addresses add constraint addresses_customer_fkey
    foreign key (customer_id) references customers (id) on delete cascade deferrable initially deferred;
alter table newsletter_subscriptions add constraint newsletter_subscriptions_email_fkey
    foreign key (email) references customers (email) on update cascade on delete cascade;
alter table orders add constraint orders_customer_fkey foreign key (customer_id) references customers (id);
alter table order_items add constraint order_items_order_fkey
    foreign key (order_id, ordered_on) references orders (id, ordered_on) on delete cascade;
alter table order_items add constraint order_items_product_fkey foreign key (product_id) references products (id);
alter table payments add constraint payments_order_fkey
    foreign key (order_id, ordered_on) references orders (id, ordered_on);
alter table support_tickets add constraint support_tickets_customer_fkey
    foreign key (customer_id) references customers (id) on delete cascade;

create index customers_last_name_idx on customers (lower(last_name));
create index customers_search_idx on customers using gin (search);
create index customers_dormant_idx on customers (last_login_at) where status = 'dormant';
create index addresses_customer_idx on addresses (customer_id);
create index orders_customer_idx on orders (customer_id, ordered_on);
create index orders_open_idx on orders (ordered_at) where status in ('new', 'paid');
create index payments_order_idx on payments (order_id, ordered_on);
create index support_tickets_customer_idx on support_tickets (customer_id);
create index page_views_viewed_at_idx on page_views using brin (viewed_at);

create view customer_overview as
select customers.id, full_name, email, customers.status, count(orders.id) as orders, sum(orders.total) as spent
from customers
left join orders on orders.customer_id = customers.id
group by customers.id;

create materialized view monthly_sales as
select date_trunc('month', ordered_on)::date as month, ship_country, count(*) as orders, sum(total) as revenue
from orders
group by 1, 2;
create unique index monthly_sales_key on monthly_sales (month, ship_country);

-- Repeats names and addresses: a copy that must come from masked rows, never from the original's pages.
create materialized view best_customers as
select id, full_name, email, spent from customer_overview where spent is not null
order by spent desc, id limit 100;

create function customer_age(birth_date date, at_date date default current_date) returns integer
language sql stable strict
return extract(year from age(at_date, birth_date))::integer;

create function touch_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end $$;

create function audit.record_change() returns trigger language plpgsql as $$
begin
    insert into audit."Change Log" ("Table Name", "Row Id", "Changed By", "Old Values")
    values (tg_table_name, old.id, current_user, jsonb_build_object('email', old.email, 'last_name', old.last_name));
    return null;
end $$;

create trigger customers_touch before update on customers for each row execute function touch_updated_at();
create trigger customers_audit after update of email, last_name on customers
for each row execute function audit.record_change();

comment on table customers is 'Everyone who ever signed up; closed accounts keep their row.';
comment on column customers.national_id is 'Only asked for in countries that demand it on an invoice.';
comment on table outbox is 'Mails that wait to be sent: a copy of this table sends them again.';
comment on column orders.client_ip is 'Address that placed the order, kept for fraud checks.';
comment on sequence invoice_numbers is 'Gapless as far as the tax office knows.';

analyze;
