-- The part of a careless afternoon in `dev` that changes more than rows.

drop table promotions;
alter table customers drop column phone;
create table tmp_backup as select * from products;
insert into products (sku, name, category, price)
values ('TEST-1', 'asdf', 'test', 1), ('TEST-2', 'DO NOT BUY', 'test', 999999.99);
insert into outbox (recipient, subject, body, created_at)
select 'nobody@shop.example', 'test ' || n, 'please ignore', now() from generate_series(1, 50) as n;
