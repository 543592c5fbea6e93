-- Numbers of the dashboards. One text for DuckDB and Spark, as pairs.sql.
-- Source tables: lines (the order files of one month, or of all), goods (sku, product), nodes (product, node: every
-- category above the product, 0 for all), links (main, companion: products of the pairs on offer).

-- name: dash_lines · what each order bought, once per product; returns do not take away what was sold
select l.order_id, g.product, max(l.customer) as customer, min(l.ordered_at) as ordered_at,
  cast(sum(l.amount) as bigint) as amount
from lines l join goods g on g.sku = l.sku
where not l.is_return and l.quantity > 0
group by l.order_id, g.product

-- name: dash_orders · orders as wholes, wholesale ones left out
select d.order_id, max(d.customer) as customer, min(d.ordered_at) as ordered_at, cast(sum(d.amount) as bigint) as amount
from dash_lines d
group by d.order_id
having count(*) <= {wholesale_above}

-- name: dash_mains · the categories of the mains in each order: products that have companions on offer
select distinct d.order_id, n.node
from dash_lines d
join dash_orders o on o.order_id = d.order_id
join (select distinct main from links) k on k.main = d.product
join nodes n on n.product = d.product

-- name: dash_taken · companions bought beside their mains, once per order, product and category of the main
select distinct m.order_id, n.node, c.product, c.amount
from dash_lines m
join dash_orders o on o.order_id = m.order_id
join links k on k.main = m.product
join dash_lines c on c.order_id = m.order_id and c.product = k.companion
join nodes n on n.product = m.product

-- name: dash_with · orders with a companion, by category, and what the companions brought
select t.order_id, t.node, cast(sum(t.amount) as bigint) as amount from dash_taken t group by t.order_id, t.node

-- name: dash_months · by category: orders with a main, those with a companion, and their money
select m.node, count(*) as order_count, sum(case when w.order_id is null then 0 else 1 end) as with_count,
  cast(sum(o.amount) as bigint) as amount,
  cast(sum(case when w.order_id is null then 0 else o.amount end) as bigint) as amount_with,
  cast(sum(coalesce(w.amount, 0)) as bigint) as amount_companions
from dash_mains m
join dash_orders o on o.order_id = m.order_id
left join dash_with w on w.order_id = m.order_id and w.node = m.node
group by m.node

-- name: dash_bought · orders with a main by customer, category and month
select m.node, o.customer, extract(year from o.ordered_at) * 12 + extract(month from o.ordered_at) - 1 as month,
  count(*) as order_count, sum(case when w.order_id is null then 0 else 1 end) as with_count
from dash_mains m
join dash_orders o on o.order_id = m.order_id
left join dash_with w on w.order_id = m.order_id and w.node = m.node
where o.customer is not null
group by m.node, o.customer, extract(year from o.ordered_at) * 12 + extract(month from o.ordered_at) - 1

-- name: dash_cohorts · customers by the month of their first order in the category and the months since
select b.node, f.first_month, b.month - f.first_month as age, count(*) as customers,
  cast(sum(b.order_count) as bigint) as order_count, cast(sum(b.with_count) as bigint) as with_count
from dash_bought b
join (select node, customer, min(month) as first_month from dash_bought group by node, customer) f
  on f.node = b.node and f.customer = b.customer
group by b.node, f.first_month, b.month - f.first_month
