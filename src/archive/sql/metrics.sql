-- One SELECT for a metric: rows (w, grp, num, den). {dim} is the grouping's letter, {from} and {to} are the bounds of all windows together; other names in braces are bounds that a site may set (limits.rs). After the id: count (nothing there is 0), or value (nothing there is null); then how parts of days make the whole, where it is no sum (roll.rs).
-- M001 count
select win.w as w, grp as grp, count(*) as num, 1 as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' group by win.w, grp;
-- M002 count
select win.w as w, grp as grp, count(*) as num, 1 as den from (select call_id, min(t) as t from (select call_id, t0 as t from q union all select call_id, t1 from r where outcome = 'transfer') as asked group by call_id) as d join c on c.call_id = d.call_id join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on d.t >= win.a and d.t < win.b and d.t >= {from} and d.t < {to} where c.dir = 'in' group by win.w, grp;
-- M003 count
select win.w as w, grp as grp, count(*) as num, 1 as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'out' group by win.w, grp;
-- M004 count
select win.w as w, m.grp as grp, count(*) as num, 1 as den from m join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M005 count callers
select win.w as w, grp as grp, count(distinct c.ani) as num, 1 as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' and c.ani is not null group by win.w, grp;
-- M006 value callers
select win.w as w, grp as grp, count(*) as num, count(distinct c.ani) as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' and c.ani is not null group by win.w, grp;
-- M007 count max
select w, grp, max(n) as num, 1 as den from (select win.w as w, grp, sum(case when idiv(c.t0, 3600000) * 3600000 >= win.a and idiv(c.t0, 3600000) * 3600000 + 3600000 <= win.b then 1 else 0 end) as n, count(*) as total from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' group by win.w, grp, idiv(c.t0, 3600000)) as hours group by w, grp;
-- M008 value peak
select w, grp, max(n) as num, sum(total) as den from (select win.w as w, grp, sum(case when idiv(c.t0, 3600000) * 3600000 >= win.a and idiv(c.t0, 3600000) * 3600000 + 3600000 <= win.b then 1 else 0 end) as n, count(*) as total from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' group by win.w, grp, idiv(c.t0, 3600000)) as hours group by w, grp;
-- M009 count length
select win.w as w, grp, sum(least(pg.t1, win.b) - greatest(pg.t0, win.a)) as num, min(len.ms) as den from pg join win on pg.t0 < win.b and pg.t1 > win.a and pg.t0 < {to} and pg.t1 > {from} join (select w, sum(b - a) as ms from win group by w) as len on len.w = win.w where dim = '{dim}' group by win.w, grp;
-- M010 count max
select w, grp, max(n) as num, 1 as den from (select w, grp, sum(d) over (partition by w, grp order by t rows between unbounded preceding and current row) as n from (select w, grp, t, sum(d) as d from (select win.w as w, grp, greatest(t0, win.a) as t, 1 as d from pun join win on t0 < win.b and t1 > win.a and t0 < {to} and t1 > {from} where dim = '{dim}' union all select win.w, grp, least(t1, win.b), -1 from pun join win on t0 < win.b and t1 > win.a and t0 < {to} and t1 > {from} where dim = '{dim}') as ends group by w, grp, t) as steps) as level group by w, grp;
-- M011 value
select win.w as w, grp as grp, sum(case when cal.a is null then 1 else 0 end) as num, count(*) as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' left join cal on c.t0 >= cal.a and c.t0 < cal.b join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' group by win.w, grp;
-- M012 value weeks 1
select w, grp, sum(this) - sum(last) as num, sum(last) as den from (select win.w as w, grp, 1 as this, 0 as last from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a and c.t0 < win.b and c.t0 >= {from} and c.t0 < {to} where c.dir = 'in' union all select win.w, grp, 0, 1 from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t0 >= win.a - 604800000 and c.t0 < win.b - 604800000 and c.t0 >= {from} - 604800000 and c.t0 < {to} - 604800000 where c.dir = 'in') as weeks group by w, grp;
-- M013 count
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, count(*) as num, 1 as den from q join win on q.t0 >= win.a and q.t0 < win.b and q.t0 >= {from} and q.t0 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M014 count
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, count(*) as num, 1 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M015 count
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'answered' then 1 else 0 end) as num, 1 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M016 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'answered' then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M017 count
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'abandoned' then 1 else 0 end) as num, 1 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M018 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'abandoned' then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M019 count
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'abandoned' and t1 - t0 <= {short_abandon_ms} then 1 else 0 end) as num, 1 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M020 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'abandoned' then 1 else 0 end) - sum(case when outcome = 'abandoned' and t1 - t0 <= {short_abandon_ms} then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) - sum(case when outcome = 'abandoned' and t1 - t0 <= {short_abandon_ms} then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M021 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'answered' and t1 - t0 <= {answer_fast_ms} then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M022 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'answered' and t1 - t0 <= {answer_served_ms} then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) - sum(case when outcome = 'abandoned' and t1 - t0 <= {short_abandon_ms} then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M023 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome = 'answered' and t1 - t0 <= {answer_late_ms} then 1 else 0 end) as num, sum(case when outcome not in ('overflow', 'callback') then 1 else 0 end) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M024 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(t1 - t0) as num, 1000 * count(*) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} where outcome = 'answered' group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M025 value values
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, pct(95, t1 - t0) as num, 1000 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} where outcome not in ('overflow', 'callback') group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M026 value max
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, max(t1 - t0) as num, 1000 as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} where outcome not in ('overflow', 'callback') group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M027 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(t1 - t0) as num, 1000 * count(*) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} where outcome = 'abandoned' group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M028 count
select 0 as w, case when '{dim}' = 'q' then q.queue else '' end as grp, count(*) as num, 1 as den from q where t0 <= {now} and (t1 is null or t1 > {now}) group by case when '{dim}' = 'q' then q.queue else '' end;
-- M029 value
select 0 as w, case when '{dim}' = 'q' then q.queue else '' end as grp, max({now} - t0) as num, 1000 as den from q where t0 <= {now} and (t1 is null or t1 > {now}) group by case when '{dim}' = 'q' then q.queue else '' end;
-- M030 value
select win.w as w, case when '{dim}' = 'q' then q.queue else '' end as grp, sum(case when outcome in ('timeout', 'overflow', 'full', 'failed') then 1 else 0 end) as num, count(*) as den from q join win on q.t1 >= win.a and q.t1 < win.b and q.t1 >= {from} and q.t1 < {to} group by win.w, case when '{dim}' = 'q' then q.queue else '' end;
-- M031 count
select 0 as w, case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end as grp, count(distinct s.agent) as num, 1 as den from s left join (select distinct agent, queue from pq) as served on '{dim}' = 'q' and served.agent = s.agent where t0 <= {now} and (t1 is null or t1 > {now}) and state <> 'offline' group by case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end;
-- M032 count
select 0 as w, case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end as grp, count(distinct s.agent) as num, 1 as den from s left join (select distinct agent, queue from pq) as served on '{dim}' = 'q' and served.agent = s.agent where t0 <= {now} and (t1 is null or t1 > {now}) and state = 'ready' group by case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end;
-- M033 count
select 0 as w, case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end as grp, count(distinct s.agent) as num, 1 as den from s left join (select distinct agent, queue from pq) as served on '{dim}' = 'q' and served.agent = s.agent where t0 <= {now} and (t1 is null or t1 > {now}) and state = 'talk' group by case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end;
-- M034 count
select 0 as w, case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end as grp, count(distinct s.agent) as num, 1 as den from s left join (select distinct agent, queue from pq) as served on '{dim}' = 'q' and served.agent = s.agent where t0 <= {now} and (t1 is null or t1 > {now}) and state = 'acw' group by case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end;
-- M035 count
select 0 as w, case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end as grp, count(distinct s.agent) as num, 1 as den from s left join (select distinct agent, queue from pq) as served on '{dim}' = 'q' and served.agent = s.agent where t0 <= {now} and (t1 is null or t1 > {now}) and state = 'break' group by case when '{dim}' = 'g' then s.agent when '{dim}' = 'q' then coalesce(served.queue, '无队列') else '' end;
-- M036 count
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state <> 'offline' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, 3600000 as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M037 count
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state = 'ready' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, 3600000 as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M038 count
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state = 'talk' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, 3600000 as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M039 count
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state = 'acw' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, 3600000 as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M040 count
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state = 'break' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, 3600000 as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M041 value
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state in ('ring', 'talk', 'acw') then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, sum(case when state <> 'offline' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M042 value
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state in ('ring', 'talk', 'acw') then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, sum(case when state in ('ring', 'talk', 'acw', 'ready') then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M043 value
select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, sum(case when state = 'break' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as num, sum(case when state <> 'offline' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as den from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} where 1 = 1 group by win.w, case when '{dim}' = 'g' then s.agent else '' end;
-- M044 count
select win.w as w, case when '{dim}' = 'g' then o.agent else '' end as grp, count(*) as num, 1 as den from o join win on o.t1 >= win.a and o.t1 < win.b and o.t1 >= {from} and o.t1 < {to} group by win.w, case when '{dim}' = 'g' then o.agent else '' end;
-- M045 value
select win.w as w, case when '{dim}' = 'g' then o.agent else '' end as grp, sum(case when outcome = 'answered' then 1 else 0 end) as num, sum(case when outcome not in ('caller_gone', 'elsewhere') then 1 else 0 end) as den from o join win on o.t1 >= win.a and o.t1 < win.b and o.t1 >= {from} and o.t1 < {to} group by win.w, case when '{dim}' = 'g' then o.agent else '' end;
-- M046 value
select win.w as w, case when '{dim}' = 'g' then o.agent else '' end as grp, sum(t1 - t0) as num, 1000 * count(*) as den from o join win on o.t1 >= win.a and o.t1 < win.b and o.t1 >= {from} and o.t1 < {to} where outcome = 'answered' group by win.w, case when '{dim}' = 'g' then o.agent else '' end;
-- M047 value
select win.w as w, grp as grp, sum(pq.t1 - pq.t0 - hold) as num, 1000 * count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M048 value
select win.w as w, grp as grp, sum(hold) as num, 1000 * count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M049 value
select win.w as w, grp as grp, sum(acw) as num, 1000 * count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M050 value
select win.w as w, grp as grp, sum(pq.t1 - pq.t0 + acw) as num, 1000 * count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M051 value values
select win.w as w, grp as grp, pct(90, pq.t1 - pq.t0 + acw) as num, 1000 as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M052 value
select win.w as w, grp as grp, sum(c.t1 - c.t0) as num, 1000 * count(*) as den from c join memc on memc.call_id = c.call_id and memc.dim = '{dim}' join win on c.t1 >= win.a and c.t1 < win.b and c.t1 >= {from} and c.t1 < {to} where c.dir = 'in' group by win.w, grp;
-- M053 count
select win.w as w, grp as grp, sum(case when pq.t1 - pq.t0 < {short_call_ms} then 1 else 0 end) as num, 1 as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M054 count
select win.w as w, grp as grp, sum(case when pq.t1 - pq.t0 > {long_call_ms} then 1 else 0 end) as num, 1 as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M055 value
select w, grp, 3600000 * sum(calls) as num, sum(logged) as den from (select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, 0 as calls, sum(case when state <> 'offline' then least(coalesce(s.t1, {now}), win.b) - greatest(s.t0, win.a) else 0 end) as logged from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} group by win.w, case when '{dim}' = 'g' then s.agent else '' end union all select win.w, grp, count(*), 0 from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp) as parts group by w, grp;
-- M056 value
select w, grp, sum(calls) as num, sum(days) as den from (select w, grp, 0 as calls, count(*) as days from (select win.w as w, case when '{dim}' = 'g' then s.agent else '' end as grp, s.agent as agent, day.d as d from s join win on s.t0 < win.b and coalesce(s.t1, {now}) > win.a and s.t0 < {to} and coalesce(s.t1, {now}) > {from} join (select distinct w, idiv(a + 28800000, 86400000) + extra as d from win join (select extra from steps) as ext on idiv(a + 28800000, 86400000) + extra <= idiv(b + 28799999, 86400000)) as day on day.w = win.w where state <> 'offline' and least(coalesce(s.t1, {now}), win.b, (day.d + 1) * 86400000 - 28800000) > greatest(s.t0, win.a, day.d * 86400000 - 28800000) group by win.w, case when '{dim}' = 'g' then s.agent else '' end, s.agent, day.d) as logged group by w, grp union all select win.w, grp, count(*), 0 from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp) as parts group by w, grp;
-- M057 count
select win.w as w, grp as grp, sum(case when holds > 0 then 1 else 0 end) as num, 1 as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M058 value
select win.w as w, grp as grp, sum(case when holds > 0 then 1 else 0 end) as num, count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M059 value
select win.w as w, grp as grp, sum(hold) as num, sum(pq.t1 - pq.t0) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M060 count
select win.w as w, grp as grp, sum(case when leave in ('blind', 'attended') then 1 else 0 end) as num, 1 as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M061 value
select win.w as w, grp as grp, sum(case when leave in ('blind', 'attended') then 1 else 0 end) as num, count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M062 value
select win.w as w, grp as grp, sum(case when leave = 'blind' then 1 else 0 end) as num, sum(case when leave in ('blind', 'attended') then 1 else 0 end) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M063 value max
select win.w as w, m.grp as grp, max(moved.n) as num, 1 as den from m join (select call_id, sum(case when how = 'transfer' then 1 else 0 end) as n from pq group by call_id) as moved on moved.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M064 value
select win.w as w, grp as grp, sum(again) as num, count(*) as den from rep join memc on memc.call_id = rep.call_id and memc.dim = '{dim}' join win on rep.t1 >= win.a and rep.t1 < win.b and rep.t1 >= {from} and rep.t1 < {to} group by win.w, grp;
-- M065 value
select win.w as w, grp as grp, sum(again) as num, count(*) as den from rep7 join memc on memc.call_id = rep7.call_id and memc.dim = '{dim}' join win on rep7.t1 >= win.a and rep7.t1 < win.b and rep7.t1 >= {from} and rep7.t1 < {to} group by win.w, grp;
-- M066 value
select win.w as w, m.grp as grp, sum(good) as num, count(*) as den from m join fcr on fcr.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M067 count
select win.w as w, grp as grp, count(*) as num, 1 as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M068 count
select win.w as w, grp as grp, sum(case when answers >= 1 and outcome = 'caller_hangup' and fails = 0 then 1 else 0 end) as num, 1 as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M069 value
select win.w as w, grp as grp, sum(case when answers >= 1 and outcome = 'caller_hangup' and fails = 0 then 1 else 0 end) as num, count(*) as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M070 value
select win.w as w, grp as grp, sum(case when answers = 0 and outcome = 'caller_hangup' then 1 else 0 end) as num, count(*) as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M071 value
select win.w as w, grp as grp, sum(case when outcome in ('to_queue', 'transfer') then 1 else 0 end) as num, count(*) as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M072 value
select win.w as w, grp as grp, sum(case when understood = 1 then 1 else 0 end) as num, count(*) as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join rt on rt.call_id = r.call_id and rt.seq = r.seq join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} where speech_end is not null group by win.w, grp;
-- M073 value
select win.w as w, grp as grp, sum(turns) as num, count(*) as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} group by win.w, grp;
-- M074 value values
select win.w as w, grp as grp, pct(95, play_start - speech_end) as num, 1 as den from r join memr on memr.call_id = r.call_id and memr.seq = r.seq and memr.dim = '{dim}' join rt on rt.call_id = r.call_id and rt.seq = r.seq join win on r.t1 >= win.a and r.t1 < win.b and r.t1 >= {from} and r.t1 < {to} where play_start is not null and speech_end is not null group by win.w, grp;
-- M075 value
select win.w as w, l.grp as grp, sum(ac) as num, sum(conv) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M076 value
select win.w as w, l.grp as grp, sum(bc) as num, sum(conv) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M077 value
select win.w as w, l.grp as grp, sum(silence) as num, sum(conv) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M078 value max
select win.w as w, l.grp as grp, max(longest) as num, 1000 as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M079 count
select win.w as w, l.grp as grp, sum(case when longest >= {long_silence_ms} then 1 else 0 end) as num, 1 as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M080 value
select win.w as w, l.grp as grp, sum(both_ms) as num, sum(conv) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M081 value
select win.w as w, l.grp as grp, sum(agent_cuts) as num, count(*) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M082 value
select win.w as w, l.grp as grp, sum(caller_cuts) as num, count(*) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M083 value
select win.w as w, l.grp as grp, 60000 * sum(chars) as num, sum(ms) as den from l join um on um.call_id = l.call_id and um.dim = l.dim and um.grp = l.grp join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' and um.role = 'agent' and chars >= {rate_chars} group by win.w, l.grp;
-- M084 value
select win.w as w, l.grp as grp, 60000 * sum(chars) as num, sum(ms) as den from l join um on um.call_id = l.call_id and um.dim = l.dim and um.grp = l.grp join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' and um.role = 'caller' and chars >= {rate_chars} group by win.w, l.grp;
-- M085 value
select win.w as w, grp as grp, sum(greet.said - greet.t0) as num, 1000 * count(*) as den from pq join memp on memp.call_id = pq.call_id and memp.seq = pq.seq and memp.dim = '{dim}' join greet on greet.call_id = pq.call_id and greet.seq = pq.seq join win on pq.t1 >= win.a and pq.t1 < win.b and pq.t1 >= {from} and pq.t1 < {to} where pq.dir = 'in' and pq.how <> 'consult' group by win.w, grp;
-- M086 value
select win.w as w, l.grp as grp, sum(gap) as num, 1000 * sum(replies) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M087 value
select win.w as w, l.grp as grp, sum(turns) as num, count(*) as den from l join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M088 value
select win.w as w, l.grp as grp, sum(coalesce(uc.chars, 0)) as num, count(*) as den from l left join (select call_id, dim, grp, sum(chars) as chars from um group by call_id, dim, grp) as uc on uc.call_id = l.call_id and uc.dim = l.dim and uc.grp = l.grp join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M089 value
select win.w as w, m.grp as grp, sum(case when survey.offered = 1 then 1 else 0 end) as num, count(*) as den from m left join survey on survey.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M090 value
select win.w as w, m.grp as grp, sum(case when survey.answered = 1 then 1 else 0 end) as num, sum(case when survey.offered = 1 then 1 else 0 end) as den from m left join survey on survey.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M091 value
select win.w as w, m.grp as grp, sum(case when survey.score >= 4 then 1 else 0 end) as num, sum(case when survey.answered = 1 then 1 else 0 end) as den from m left join survey on survey.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M092 count
select win.w as w, m.grp as grp, sum(case when survey.score <= 2 then 1 else 0 end) as num, 1 as den from m left join survey on survey.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M093 value
select win.w as w, m.grp as grp, sum(case when satisfaction = 'satisfied' then 1 else 0 end) as num, sum(case when satisfaction in ('satisfied', 'neutral', 'dissatisfied') then 1 else 0 end) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M094 value
select win.w as w, m.grp as grp, sum(case when satisfaction = case when survey.score >= 4 then 'satisfied' when survey.score = 3 then 'neutral' else 'dissatisfied' end then 1 else 0 end) as num, count(*) as den from m join wsum on wsum.call_id = m.call_id join survey on survey.call_id = m.call_id and survey.answered = 1 join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and satisfaction in ('satisfied', 'neutral', 'dissatisfied') group by win.w, m.grp;
-- M095 value
select win.w as w, l.grp as grp, sum(mood.bad) as num, count(*) as den from l join (select call_id, max(case when label in ('angry', 'anxious') and conf >= {emotion_conf} then 1 else 0 end) as bad from e where role = 'caller' group by call_id) as mood on mood.call_id = l.call_id join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M096 count
select win.w as w, m.grp as grp, count(*) as num, 1 as den from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and ('{dim}' <> 't' or wtd.topic = m.grp) join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M097 value share
select share.w as w, share.grp as grp, share.num as num, whole.num as den from (select win.w as w, m.grp as grp, count(*) as num, 1 as den from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and ('{dim}' <> 't' or wtd.topic = m.grp) join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp) as share join (select win.w as w, m.grp as grp, count(*) as num, 1 as den from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and 1 = 1 join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = case when '{dim}' = 't' then '-' else '{dim}' end group by win.w, m.grp) as whole on whole.w = share.w and ('{dim}' = 't' or whole.grp = share.grp);
-- M098 value weeks 4
select w, grp, sum(this) as num, sum(last) as den from (select win.w as w, m.grp as grp, 1 as this, 0 as last from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and ('{dim}' <> 't' or wtd.topic = m.grp) join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and '{dim}' = 't' union all select win.w, m.grp, 0, 1 from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and ('{dim}' <> 't' or wtd.topic = m.grp) join (select cast(1 as bigint) as weeks union all select 2 union all select 3 union all select 4) as back on 1 = 1 join win on m.t >= win.a - 604800000 * weeks and m.t < win.b - 604800000 * weeks and m.t >= {from} - 2419200000 and m.t < {to} - 604800000 where m.dim = '{dim}' and '{dim}' = 't') as counts group by w, grp;
-- M099 value
select win.w as w, m.grp as grp, sum(case when topics.n >= 2 then 1 else 0 end) as num, count(*) as den from m join wsum on wsum.call_id = m.call_id join (select call_id, count(*) as n from wtd group by call_id) as topics on topics.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M100 value
select win.w as w, m.grp as grp, sum(case when request = '咨询' then 1 else 0 end) as num, count(*) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M101 value
select win.w as w, m.grp as grp, sum(case when request in ('投诉', '举报') then 1 else 0 end) as num, count(*) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M102 value
select win.w as w, m.grp as grp, sum(case when wtd.resolved = 0 then 1 else 0 end) as num, count(*) as den from m join w on w.call_id = m.call_id join wtd on wtd.call_id = m.call_id and ('{dim}' <> 't' or wtd.topic = m.grp) join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M103 count
select win.w as w, m.grp as grp, sum(case when risks not in ('', '无') then 1 else 0 end) as num, 1 as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M104 count
select win.w as w, grp as grp, count(*) as num, 1 as den from hint join memx on memx.call_id = hint.call_id and memx.dim = '{dim}' join win on hint.t >= win.a and hint.t < win.b and hint.t >= {from} and hint.t < {to} group by win.w, grp;
-- M105 value
select win.w as w, m.grp as grp, sum(coalesce(hints.n, 0)) as num, count(*) as den from m left join (select call_id, count(*) as n from hint group by call_id) as hints on hints.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M106 value
select win.w as w, m.grp as grp, sum(covered) as num, count(*) as den from m join ask on ask.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M107 value values
select win.w as w, m.grp as grp, pct(50, latency) as num, 1 as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and early = 0 and latency is not null group by win.w, m.grp;
-- M108 value values
select win.w as w, m.grp as grp, pct(95, latency) as num, 1 as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and early = 0 and latency is not null group by win.w, m.grp;
-- M109 value
select win.w as w, m.grp as grp, sum(early) as num, count(*) as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M110 value
select win.w as w, m.grp as grp, sum(used) as num, count(*) as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and shown = 1 group by win.w, m.grp;
-- M111 value
select win.w as w, m.grp as grp, sum(case when spoken.hint_id is not null then 1 else 0 end) as num, count(*) as den from m join hint on hint.call_id = m.call_id left join spoken on spoken.call_id = hint.call_id and spoken.hint_id = hint.hint_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and tier <= 2 group by win.w, m.grp;
-- M112 value
select win.w as w, m.grp as grp, sum(case when dismissed = 1 then 1 else 0 end) as num, count(*) as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' and shown = 1 group by win.w, m.grp;
-- M113 value
select win.w as w, m.grp as grp, sum(case when expire = 'withdrawn' then 1 else 0 end) as num, count(*) as den from m join hint on hint.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M114 value
select win.w as w, m.grp as grp, sum(filled) as num, 7 * count(*) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M115 value values
select win.w as w, m.grp as grp, pct(95, wsum.ts - lastp.t1) as num, 1000 as den from m join wsum on wsum.call_id = m.call_id join lastp on lastp.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M116 value
select win.w as w, m.grp as grp, sum(case when edited = 1 then 1 else 0 end) as num, count(*) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M117 value
select win.w as w, m.grp as grp, sum(grounded) as num, sum(stated) as den from m join wsum on wsum.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M118 count
select win.w as w, grp as grp, count(*) as num, 1 as den from k join memx on memx.call_id = k.call_id and memx.dim = '{dim}' join win on k.t >= win.a and k.t < win.b and k.t >= {from} and k.t < {to} group by win.w, grp;
-- M119 value
select win.w as w, m.grp as grp, sum(case when missed = 0 then 1 else 0 end) as num, count(*) as den from m join ask on ask.call_id = m.call_id join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
-- M120 value
select win.w as w, case when '{dim}' = 't' then coalesce(tk.topic, '无主题') when '{dim}' = 'q' then coalesce(memc.grp, '无队列') else '' end as grp, sum(case when closed <= due then 1 else 0 end) as num, count(*) as den from tk left join memc on memc.call_id = tk.created_by and memc.dim = '{dim}' and '{dim}' = 'q' join win on tk.due >= win.a and tk.due < win.b and tk.due >= {from} and tk.due < {to} group by win.w, case when '{dim}' = 't' then coalesce(tk.topic, '无主题') when '{dim}' = 'q' then coalesce(memc.grp, '无队列') else '' end;
-- M121 value
select win.w as w, l.grp as grp, sum(case when qa.violation = 1 then 1 else 0 end) as num, count(*) as den from l left join (select call_id, max(case when kind = 'violation' then 1 else 0 end) as violation, sum(coalesce(score, 0)) as score, sum(case when kind = 'required' then 1 else 0 end) as required, sum(case when kind = 'required' and met = 1 then 1 else 0 end) as met from x group by call_id) as qa on qa.call_id = l.call_id join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M122 value
select win.w as w, l.grp as grp, sum(least(100, greatest(0, 100 + coalesce(qa.score, 0)))) as num, count(*) as den from l left join (select call_id, max(case when kind = 'violation' then 1 else 0 end) as violation, sum(coalesce(score, 0)) as score, sum(case when kind = 'required' then 1 else 0 end) as required, sum(case when kind = 'required' and met = 1 then 1 else 0 end) as met from x group by call_id) as qa on qa.call_id = l.call_id join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M123 value
select win.w as w, l.grp as grp, sum(qa.met) as num, sum(qa.required) as den from l left join (select call_id, max(case when kind = 'violation' then 1 else 0 end) as violation, sum(coalesce(score, 0)) as score, sum(case when kind = 'required' then 1 else 0 end) as required, sum(case when kind = 'required' and met = 1 then 1 else 0 end) as met from x group by call_id) as qa on qa.call_id = l.call_id join win on l.t >= win.a and l.t < win.b and l.t >= {from} and l.t < {to} where l.dim = '{dim}' group by win.w, l.grp;
-- M124 count
select win.w as w, um.grp as grp, sum(redactions) as num, 1 as den from um join win on um.t >= win.a and um.t < win.b and um.t >= {from} and um.t < {to} where um.dim = '{dim}' group by win.w, um.grp;
-- M125 value
select win.w as w, um.grp as grp, sum(chars * conf) as num, 1000 * sum(chars) as den from um join win on um.t >= win.a and um.t < win.b and um.t >= {from} and um.t < {to} where um.dim = '{dim}' group by win.w, um.grp;
-- M126 value
select win.w as w, m.grp as grp, sum(g.gap) as num, sum(g.t1 - g.t0) as den from m join g on g.call_id = m.call_id and g.t1 is not null join win on m.t >= win.a and m.t < win.b and m.t >= {from} and m.t < {to} where m.dim = '{dim}' group by win.w, m.grp;
