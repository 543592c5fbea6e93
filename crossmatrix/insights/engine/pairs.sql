-- Pair counts of a window of orders. One text for DuckDB, Spark, Trino and ClickHouse: plain joins and sums, lower-case
-- names, no dialect's own functions. Each section is one statement; `text.py` fills the braces and says what they hold.
-- Source tables: bought (basket, item, size, day, amount: each product of an order once), orders (basket, size, day,
-- customer), days (day, week: the window), numbers (item, sku), catalog (sku, product), wanted (main, companion).

-- name: skus · every SKU with its number; product is null when the catalog does not know it
select n.item, n.sku, c.product
from numbers n left join catalog c on c.sku = n.sku

-- name: weights · per bucket E[s(s-1)] / (E[s]² · N): turns two item counts into the pair count chance would give
select {weights}, sum(w.baskets) as basket_count
from (
  select bucket, count(*) as baskets,
    (sum(cast(size as double) * (size - 1)) / count(*))
      / ((sum(cast(size as double)) / count(*)) * (sum(cast(size as double)) / count(*))) / count(*) as weight
  from (select b.size, {bucket} as bucket from orders b where b.size <= {wholesale_above}) s
  group by bucket
) w

-- name: wanted_items · pairs of the matrix by item number, each once, smaller number first
select distinct
  case when m.item < c.item then m.item else c.item end as a,
  case when m.item < c.item then c.item else m.item end as b
from wanted w join skus m on m.product = w.main join skus c on c.product = w.companion

-- name: items · products counted for pairs: bought often enough, or in the matrix; wholesale baskets are left out
select i.item, i.order_count, i.in_matrix, {bucket_names}
from (
  select n.item, cast(sum(n.orders) as bigint) as order_count, max(case when k.item is null then 0 else 1 end) as in_matrix,
    {bucket_counts}
  from (
    select s.item, s.bucket, count(*) as orders
    from (select b.item, {bucket} as bucket from bought b where b.size <= {wholesale_above}) s
    group by s.item, s.bucket
  ) n
  join skus u on u.item = n.item
  left join (select a as item from wanted_items union distinct select b as item from wanted_items) k on k.item = n.item
  where u.product is not null
  group by n.item
) i
where i.order_count >= {min_both} or i.in_matrix = 1

-- name: baskets · the lines that can make pairs; a basket's lines stand beside each other in the files, and stay so
select b.basket, b.item
from bought b join items i on i.item = b.item
where b.size <= {wholesale_above}

-- name: generated · how many unordered pairs there are to count
select cast(coalesce(sum(size * (size - 1)) / 2, 0) as bigint) as generated
from (select basket, count(*) as size from baskets group by basket) b

-- name: counted · unordered pairs bought together, down to what a later count of changes needs; {part} of {parts} shares
select x.item as a, y.item as b, count(*) as both_count
from baskets x join baskets y on x.basket = y.basket and x.item < y.item
where x.item % {parts} = {part}
group by x.item, y.item
having count(*) >= {kept_from}

-- name: moves · lines of the days that came in or went out since a former count, of the items it looked at
select e.basket, e.item, 1 as sign
from entered e join items i on i.item = e.item join base_items f on f.item = e.item
where e.size <= {wholesale_above}
union all
select l.basket, l.item, -1 as sign
from left_out l join items i on i.item = l.item join base_items f on f.item = l.item
where l.size <= {wholesale_above}

-- name: moved_generated · how many unordered pairs these days make
select cast(coalesce(sum(size * (size - 1)) / 2, 0) as bigint) as generated
from (select basket, count(*) as size from moves group by basket) b

-- name: moved · by how much each pair changed; {part} of {parts} shares of the pair space
select x.item as a, y.item as b, cast(sum(x.sign) as bigint) as net
from moves x join moves y on x.basket = y.basket and x.item < y.item
where x.item % {parts} = {part}
group by x.item, y.item
having sum(x.sign) <> 0

-- name: newcomers · items the former count did not look at
select i.item
from items i left join base_items f on f.item = i.item
where f.item is null

-- name: summed · former counts and changes together
select f.a, f.b, f.both_count + coalesce(m.net, 0) as both_count
from base f left join moved m on m.a = f.a and m.b = f.b
where f.both_count + coalesce(m.net, 0) >= {min_both}

-- name: doubtful · pairs the former count dropped (with {kept_from} − 1 orders at most) that may be enough by now
select m.a, m.b
from moved m left join base f on f.a = m.a and f.b = m.b
where f.a is null and m.net > {min_both} - {kept_from}

-- name: recounted · these, over the whole window
select d.a, d.b, count(*) as both_count
from doubtful d
join baskets x on x.item = d.a
join baskets y on y.item = d.b and y.basket = x.basket
group by d.a, d.b
having count(*) >= {min_both}

-- name: newly_counted · pairs of newcomers with anything, over the whole window
select p.a, p.b, count(*) as both_count
from (
  select case when x.item < y.item then x.item else y.item end as a, case when x.item < y.item then y.item else x.item end as b
  from newcomers n
  join baskets x on x.item = n.item
  join baskets y on y.basket = x.basket
  left join newcomers m on m.item = y.item
  where x.item <> y.item and (m.item is null or x.item < y.item)
) p
group by p.a, p.b
having count(*) >= {min_both}

-- name: pairs · what was counted, with the counts of both products and what chance would give
select h.a, h.b, h.both_count, ia.order_count as a_count, ib.order_count as b_count, {expected} as expected
from counts h
join items ia on ia.item = h.a
join items ib on ib.item = h.b
cross join weights ww
where h.both_count >= {min_both}

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

-- name: together · the orders of the chosen pairs, looked for among those of the product that is bought less
select c.a, c.b, x.basket, x.day, case when c.a = x.item then x.amount else y.amount end as a_amount,
  case when c.a = x.item then y.amount else x.amount end as b_amount
from (
  select a, b, case when a_count <= b_count then a else b end as rare, case when a_count <= b_count then b else a end as other
  from chosen
) c
join bought x on x.item = c.rare
join bought y on y.item = c.other and y.basket = x.basket
where x.size <= {wholesale_above}

-- name: details · distinct customers and money of the chosen pairs
select t.a, t.b, count(distinct o.customer) as customers, sum(t.a_amount) as a_amount, sum(t.b_amount) as b_amount
from together t join orders o on o.basket = t.basket
group by t.a, t.b

-- name: pair_weeks · weekly orders with both
select t.a, t.b, d.week, count(*) as both_count
from together t join days d on d.day = t.day
group by t.a, t.b, d.week

-- name: item_weeks · weekly orders of each counted product
select b.item, d.week, count(*) as order_count
from bought b join items i on i.item = b.item join days d on d.day = b.day
where b.size <= {wholesale_above}
group by b.item, d.week

-- name: totals · what was counted and what was left out
select count(*) as all_orders,
  coalesce(sum(case when o.size <= {wholesale_above} then 1 else 0 end), 0) as orders,
  coalesce(sum(case when o.size <= {wholesale_above} then o.size else 0 end), 0) as line_count
from orders o

-- name: tested · how many products could have been half of a found pair
select count(*) as items from items where order_count >= {min_both}

-- name: unknown_items · SKUs that were bought and that the catalog does not know
select s.sku, count(*) as order_count
from bought b join skus s on s.item = b.item
where s.product is null
group by s.sku

-- name: unknown_totals · how many they are
select count(*) as skus, coalesce(sum(u.order_count), 0) as line_count from unknown_items u

-- name: unknown · the most bought of them
select u.sku, u.order_count
from unknown_items u
order by u.order_count desc, u.sku
limit {unknown_limit}
