-- What order lines say about pairs on offer beyond their counts. One text for DuckDB and Spark, as pairs.sql.
-- Source tables: lines (the order files), days (day, week: the window), links (main, companion, main_sku, companion_sku).

-- name: link_skus · articles of the pairs on offer
select distinct s.sku from (select main_sku as sku from links union all select companion_sku as sku from links) s

-- name: link_lines · their lines of the window
select l.order_id, l.sku, l.customer, l.quantity, l.amount, l.discount, l.is_return, l.ordered_at
from lines l
join days d on d.day = cast(l.ordered_at as date)
join link_skus s on s.sku = l.sku

-- name: told_months · months whose lines speak of discounts at all: only there an empty one means none
select distinct extract(year from l.ordered_at) * 12 + extract(month from l.ordered_at) as month
from lines l where l.discount is not null

-- name: link_bought · what an order holds of each article; discounted when any of its lines was, null when nobody says
select b.order_id, b.sku, max(b.customer) as customer, min(b.ordered_at) as ordered_at,
  cast(sum(b.quantity) as double) as quantity, cast(sum(b.amount) as bigint) as amount,
  max(case when b.discount > 0 then 1 when b.discount is not null or t.month is not null then 0 else null end) as discounted
from link_lines b
left join told_months t on t.month = extract(year from b.ordered_at) * 12 + extract(month from b.ordered_at)
where not b.is_return and b.quantity > 0
group by b.order_id, b.sku

-- name: link_returned · orders whose article came back: under the same number, or later from the same customer
select distinct r.order_id, r.sku
from (
  select b.order_id, b.sku
  from link_bought b join link_lines x on x.order_id = b.order_id and x.sku = b.sku
  where x.is_return
  union all
  select b.order_id, b.sku
  from link_bought b join link_lines x on x.customer = b.customer and x.sku = b.sku
  where x.is_return and x.ordered_at >= b.ordered_at and x.order_id <> b.order_id
) r

-- name: offer_sales · of the orders with both: how many, with a known discount, discounted, come back; pieces and money
select k.main, k.companion, count(*) as order_count, sum(case when c.discounted is null then 0 else 1 end) as known,
  sum(coalesce(c.discounted, 0)) as discounted, sum(case when r.sku is null then 0 else 1 end) as returned,
  sum(c.quantity) as quantity, cast(sum(c.amount) as bigint) as amount
from links k
join link_bought m on m.sku = k.main_sku
join link_bought c on c.sku = k.companion_sku and c.order_id = m.order_id
left join link_returned r on r.order_id = c.order_id and r.sku = c.sku
group by k.main, k.companion
