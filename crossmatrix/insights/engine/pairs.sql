-- Pair counts of a window of orders. One text for DuckDB, Spark, Trino and ClickHouse: plain joins and sums, lower-case
-- names, no dialect's own functions. Each section is one statement; `text.py` fills the braces and says what they hold.
-- Source tables: lines (the order files), days (day, week: the window), catalog (sku, product), wanted (main, companion).

-- name: skus · every SKU bought in the window or in the matrix, numbered; product is null when the catalog does not know it
select s.sku, s.line_count, c.product, row_number() over (order by s.sku) as item
from (
  select u.sku, sum(u.line_count) as line_count
  from (
    select l.sku, count(*) as line_count
    from lines l join days d on d.day = cast(l.ordered_at as date)
    where not l.is_return and l.quantity > 0
    group by l.sku
    union all
    select c.sku, 0 as line_count
    from catalog c join (select main as product from wanted union distinct select companion as product from wanted) w
      on w.product = c.product
  ) u
  group by u.sku
) s left join catalog c on c.sku = s.sku

-- name: orders · every order with something bought, numbered; an order without a customer is its own customer
select o.order_id, o.week, o.customer, row_number() over (order by o.order_id) as basket
from (
  select l.order_id, min(d.week) as week, max(l.customer) as customer
  from lines l join days d on d.day = cast(l.ordered_at as date)
  where not l.is_return and l.quantity > 0
  group by l.order_id
) o

-- name: encoded · lines with numbers for their texts: everything below joins and groups plain integers. An order of the
-- window is in it whole: with `days` joined here too, a planner expects a handful of lines and hashes all of them instead.
select cast(o.basket as int) as basket, cast(s.item as int) as item, l.amount
from lines l
join orders o on o.order_id = l.order_id
join skus s on s.sku = l.sku
where not l.is_return and l.quantity > 0

-- name: bought · each product of an order once, with what was paid for it in minor units
select e.basket, e.item, cast(sum(e.amount) as bigint) as amount
from encoded e
group by e.basket, e.item

-- name: sizes · basket size and its bucket; wholesale baskets are left out here and thereby everywhere below
select b.basket, b.size, {bucket} as bucket
from (select basket, count(*) as size from bought group by basket) b
where b.size <= {wholesale_above}

-- name: weights · per bucket E[s(s-1)] / (E[s]² · N): turns two item counts into the pair count chance would give
select {weights}, sum(w.baskets) as basket_count
from (
  select bucket, count(*) as baskets,
    (sum(cast(size as double) * (size - 1)) / count(*))
      / ((sum(cast(size as double)) / count(*)) * (sum(cast(size as double)) / count(*))) / count(*) as weight
  from sizes group by bucket
) w

-- name: wanted_items · pairs of the matrix by item number, each once, smaller number first
select distinct
  case when m.item < c.item then m.item else c.item end as a,
  case when m.item < c.item then c.item else m.item end as b
from wanted w join skus m on m.product = w.main join skus c on c.product = w.companion

-- name: items · products counted for pairs: bought often enough, or in the matrix
select i.item, i.order_count, i.in_matrix, {bucket_names}
from (
  select n.item, cast(sum(n.orders) as bigint) as order_count, max(case when k.item is null then 0 else 1 end) as in_matrix,
    {bucket_counts}
  from (
    select b.item, s.bucket, count(*) as orders
    from bought b join sizes s on s.basket = b.basket
    group by b.item, s.bucket
  ) n
  join skus u on u.item = n.item
  left join (select a as item from wanted_items union distinct select b as item from wanted_items) k on k.item = n.item
  where u.product is not null
  group by n.item
) i
where i.order_count >= {min_both} or i.in_matrix = 1

-- name: baskets · the lines that can make pairs, a basket's lines beside each other: the join then walks memory in order
select b.basket, b.item
from bought b join sizes s on s.basket = b.basket join items i on i.item = b.item
order by b.basket, b.item

-- name: generated · how many unordered pairs there are to count
select sum(size * (size - 1)) / 2 as generated
from (select basket, count(*) as size from baskets group by basket) b

-- name: pairs · unordered pairs bought together often enough; {part} of {parts} shares of the pair space
select h.a, h.b, h.both_count, ia.order_count as a_count, ib.order_count as b_count, {expected} as expected
from (
  select x.item as a, y.item as b, count(*) as both_count
  from baskets x join baskets y on x.basket = y.basket and x.item < y.item
  where x.item % {parts} = {part}
  group by x.item, y.item
  having count(*) >= {min_both}
) h
join items ia on ia.item = h.a
join items ib on ib.item = h.b
cross join weights ww

-- name: rare_wanted · pairs of the matrix that are bought together less often than that, down to never
select w.a, w.b, coalesce(h.both_count, 0) as both_count, coalesce(ia.order_count, 0) as a_count,
  coalesce(ib.order_count, 0) as b_count, coalesce({expected}, 0) as expected
from wanted_items w
left join items ia on ia.item = w.a
left join items ib on ib.item = w.b
left join (
  select w.a, w.b, count(*) as both_count
  from wanted_items w
  join baskets x on x.item = w.a
  join baskets y on y.item = w.b and y.basket = x.basket
  group by w.a, w.b
) h on h.a = w.a and h.b = w.b
cross join weights ww
where coalesce(h.both_count, 0) < {min_both} and coalesce(ia.order_count, ib.order_count) > 0

-- name: together · the orders of the chosen pairs
select c.a, c.b, x.basket, x.amount as a_amount, y.amount as b_amount
from chosen c
join bought x on x.item = c.a
join bought y on y.item = c.b and y.basket = x.basket
join sizes s on s.basket = x.basket

-- name: details · distinct customers and money of the chosen pairs
select t.a, t.b, count(distinct coalesce(o.customer, o.order_id)) as customers,
  sum(t.a_amount) as a_amount, sum(t.b_amount) as b_amount
from together t join orders o on o.basket = t.basket
group by t.a, t.b

-- name: pair_weeks · weekly orders with both
select t.a, t.b, o.week, count(*) as both_count
from together t join orders o on o.basket = t.basket
group by t.a, t.b, o.week

-- name: item_weeks · weekly orders of each counted product
select b.item, o.week, count(*) as order_count
from baskets b join orders o on o.basket = b.basket
group by b.item, o.week

-- name: totals · what was counted and what was left out
select
  (select count(*) from sizes) as orders,
  (select coalesce(sum(size), 0) from sizes) as line_count,
  (select count(*) from items where order_count >= {min_both}) as tested_items,
  (select count(*) from orders) - (select count(*) from sizes) as wholesale_orders,
  (select count(*) from skus where product is null) as unknown_skus,
  (select coalesce(sum(line_count), 0) from skus where product is null) as unknown_lines,
  (select count(*) from lines l join days d on d.day = cast(l.ordered_at as date) where l.is_return or l.quantity <= 0)
    as return_lines

-- name: unknown · the most bought SKUs that the catalog does not know
select s.sku, count(*) as order_count
from skus s join bought b on b.item = s.item
where s.product is null
group by s.sku
order by order_count desc, s.sku
limit {unknown_limit}
