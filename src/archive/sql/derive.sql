-- What the metrics are written over, from the facts. (dim, grp) is a grouping and its value; ('-', '') is the whole.
create or replace table wtd as select call_id, topic, min(resolved) as resolved from wt group by call_id, topic;
create or replace temp table ctopic as
  select c.call_id as call_id, coalesce(wtd.topic, '无主题') as topic from c left join wtd on wtd.call_id = c.call_id;
create or replace table pq as
  select p.call_id as call_id, p.seq as seq, min(p.agent) as agent, min(p.t0) as t0, min(p.t1) as t1, min(p.how) as how, min(p.leave) as leave,
    min(p.acw) as acw, min(p.hold) as hold, min(p.holds) as holds, min(c.dir) as dir, coalesce(amax(q.queue, q.t1), '无队列') as queue
  from p join c on c.call_id = p.call_id
  left join q on q.call_id = p.call_id and q.outcome = 'answered' and q.t1 <= p.t0
  group by p.call_id, p.seq;
create or replace table pg as
  select call_id, seq, '-' as dim, '' as grp, t0, coalesce(t1, 9000000000000000) as t1 from pq where how <> 'consult'
  union all select call_id, seq, 'q', queue, t0, coalesce(t1, 9000000000000000) from pq where how <> 'consult'
  union all select call_id, seq, 'g', agent, t0, coalesce(t1, 9000000000000000) from pq where how <> 'consult'
  union all select pq.call_id, seq, 't', topic, t0, coalesce(t1, 9000000000000000) from pq join ctopic on ctopic.call_id = pq.call_id where how <> 'consult';
-- Groups of a part.
create or replace table memp as
  select call_id, seq, '-' as dim, '' as grp from pq
  union all select call_id, seq, 'q', queue from pq
  union all select call_id, seq, 'g', agent from pq
  union all select pq.call_id, seq, 't', topic from pq join ctopic on ctopic.call_id = pq.call_id;
-- Groups of a contact by its own: its first queue, its topics, the agent who dialled.
create or replace table memc as
  select call_id, '-' as dim, '' as grp from c
  union all select c.call_id, 'q', coalesce(amin(q.queue, q.t0), '无队列') from c left join q on q.call_id = c.call_id group by c.call_id
  union all select call_id, 'g', agent from c where agent is not null
  union all select call_id, 't', topic from ctopic;
-- M: contacts that an agent had a part in, in every group that one of its parts is in.
create or replace table m as
  select c.call_id as call_id, memp.dim as dim, memp.grp as grp, min(c.t1) as t, min(c.t0) as t0, min(c.ani) as ani
  from c join memp on memp.call_id = c.call_id where c.dir = 'in' and c.t1 is not null group by c.call_id, memp.dim, memp.grp;
-- Any contact by its parts, else by itself.
create or replace table memx as
  select call_id, dim, grp from memp group by call_id, dim, grp
  union all select memc.call_id, case when dim = 'q' then 'q' else dim end, case when dim = 'q' then '无队列' else grp end from memc
    left join (select distinct call_id from pq) as have on have.call_id = memc.call_id where have.call_id is null and dim <> 'g';
create or replace table pun as
  select call_id, dim, grp, min(t0) as t0, max(t1) as t1 from (
    select *, sum(case when t0 <= before then 0 else 1 end) over (partition by call_id, dim, grp order by t0, t1 rows between unbounded preceding and current row) as island
    from (select *, max(t1) over (partition by call_id, dim, grp order by t0, t1 rows between unbounded preceding and 1 preceding) as before from pg) as x1) as x2
  group by call_id, dim, grp, island;
-- Elementary pieces of a contact's time: between two neighbours of these times nothing begins or ends.
create or replace temp table seg as
  select *, sum(conv * (t1 - t0)) over (partition by call_id, dim, grp order by t0 rows between unbounded preceding and current row) as cum from (
    select call_id, dim, grp, t0, t1, case when np > 0 and nh = 0 then 1 else 0 end as conv,
      case when np > 0 and nh = 0 and na > 0 then 1 else 0 end as ac, case when np > 0 and nh = 0 and nb > 0 then 1 else 0 end as bc
    from (
      select call_id, dim, grp, t as t0, lead(t) over (partition by call_id, dim, grp order by t) as t1,
        sum(dp) over (partition by call_id, dim, grp order by t rows between unbounded preceding and current row) as np,
        sum(dh) over (partition by call_id, dim, grp order by t rows between unbounded preceding and current row) as nh,
        sum(da) over (partition by call_id, dim, grp order by t rows between unbounded preceding and current row) as na,
        sum(db) over (partition by call_id, dim, grp order by t rows between unbounded preceding and current row) as nb
      from (
        select call_id, dim, grp, t, sum(dp) as dp, sum(dh) as dh, sum(da) as da, sum(db) as db from (
          select call_id, dim, grp, t0 as t, 1 as dp, 0 as dh, 0 as da, 0 as db from pg
          union all select call_id, dim, grp, t1, -1, 0, 0, 0 from pg
          union all select pg.call_id, dim, grp, ph.t0, 0, 1, 0, 0 from pg join ph on ph.call_id = pg.call_id and ph.seq = pg.seq
          union all select pg.call_id, dim, grp, ph.t1, 0, -1, 0, 0 from pg join ph on ph.call_id = pg.call_id and ph.seq = pg.seq
          union all select v.call_id, dim, grp, v.t0, 0, 0, case when role = 'agent' then 1 else 0 end, case when role = 'caller' then 1 else 0 end
            from v join (select distinct call_id, dim, grp from pg) as d1 on d1.call_id = v.call_id
          union all select v.call_id, dim, grp, v.t1, 0, 0, case when role = 'agent' then -1 else 0 end, case when role = 'caller' then -1 else 0 end
            from v join (select distinct call_id, dim, grp from pg) as d2 on d2.call_id = v.call_id
        ) as moves group by call_id, dim, grp, t) as sums) as runs
    where t1 is not null) as flags;
-- Unbroken runs: of the agent's speech (a), of the caller's (b), of silence (s).
create or replace temp table run as
  select call_id, dim, grp, kind, min(t0) as t0, max(t1) as t1, min(cum - (t1 - t0)) as from_cum, max(cum) as to_cum from (
    select *, sum(case when before = t0 then 0 else 1 end) over (partition by call_id, dim, grp, kind order by t0 rows between unbounded preceding and current row) as island
    from (select *, lag(t1) over (partition by call_id, dim, grp, kind order by t0) as before from (
      select call_id, dim, grp, t0, t1, cum, 'a' as kind from seg where ac = 1
      union all select call_id, dim, grp, t0, t1, cum, 'b' from seg where bc = 1
      union all select call_id, dim, grp, t0, t1, cum, 's' from seg where conv = 1 and ac = 0 and bc = 0) as k1) as k2) as k3
  group by call_id, dim, grp, kind, island;
create or replace temp table turn as
  select call_id, dim, grp, kind, t0, t1, from_cum, lag(kind) over (partition by call_id, dim, grp order by t0, t1, kind) as last_kind,
    lag(to_cum) over (partition by call_id, dim, grp order by t0, t1, kind) as last_cum
  from run where kind <> 's';
create or replace temp table tapped as
  select call_id from (select g.call_id as call_id, g.leg as leg from g join seg on seg.call_id = g.call_id and seg.dim = '-' and seg.conv = 1
    and g.t0 < seg.t1 and coalesce(g.t1, 9000000000000000) > seg.t0 group by g.call_id, g.leg) as met group by call_id having count(*) = 2;
-- L with the sums of conversation analysis.
create or replace table l as
  select m.call_id as call_id, m.dim as dim, m.grp as grp, m.t as t, coalesce(sg.conv, 0) as conv, coalesce(sg.ac, 0) as ac, coalesce(sg.bc, 0) as bc,
    coalesce(sg.both_ms, 0) as both_ms, coalesce(sg.silence, 0) as silence, sil.longest as longest, coalesce(tn.turns, 0) as turns, coalesce(tn.gap, 0) as gap,
    coalesce(tn.replies, 0) as replies, coalesce(ca.cuts, 0) as agent_cuts, coalesce(cb.cuts, 0) as caller_cuts
  from m join tapped on tapped.call_id = m.call_id
  left join (select call_id, dim, grp, sum(conv * (t1 - t0)) as conv, sum(ac * (t1 - t0)) as ac, sum(bc * (t1 - t0)) as bc, sum(ac * bc * (t1 - t0)) as both_ms,
      sum(case when conv = 1 and ac = 0 and bc = 0 then t1 - t0 else 0 end) as silence from seg group by call_id, dim, grp) as sg
    on sg.call_id = m.call_id and sg.dim = m.dim and sg.grp = m.grp
  left join (select call_id, dim, grp, max(t1 - t0) as longest from run where kind = 's' group by call_id, dim, grp) as sil
    on sil.call_id = m.call_id and sil.dim = m.dim and sil.grp = m.grp
  left join (select call_id, dim, grp, 1 + sum(case when last_kind in ('a', 'b') and last_kind <> kind then 1 else 0 end) as turns,
      sum(case when last_kind = 'b' and kind = 'a' then greatest(0, from_cum - last_cum) else 0 end) as gap,
      sum(case when last_kind = 'b' and kind = 'a' then 1 else 0 end) as replies from turn group by call_id, dim, grp) as tn
    on tn.call_id = m.call_id and tn.dim = m.dim and tn.grp = m.grp
  left join (select call_id, dim, grp, count(*) as cuts from (select r1.call_id as call_id, r1.dim as dim, r1.grp as grp, r1.t0 as t0 from run as r1
      join run as r2 on r2.call_id = r1.call_id and r2.dim = r1.dim and r2.grp = r1.grp and r2.kind = 'b'
      where r1.kind = 'a' and r2.t0 + 1000 <= r1.t0 and r1.t0 < r2.t1 and least(r1.t1, r2.t1) - r1.t0 >= 500 group by r1.call_id, r1.dim, r1.grp, r1.t0) as c1 group by call_id, dim, grp) as ca
    on ca.call_id = m.call_id and ca.dim = m.dim and ca.grp = m.grp
  left join (select call_id, dim, grp, count(*) as cuts from (select r1.call_id as call_id, r1.dim as dim, r1.grp as grp, r1.t0 as t0 from run as r1
      join run as r2 on r2.call_id = r1.call_id and r2.dim = r1.dim and r2.grp = r1.grp and r2.kind = 'a'
      where r1.kind = 'b' and r2.t0 + 1000 <= r1.t0 and r1.t0 < r2.t1 and least(r1.t1, r2.t1) - r1.t0 >= 500 group by r1.call_id, r1.dim, r1.grp, r1.t0) as c2 group by call_id, dim, grp) as cb
    on cb.call_id = m.call_id and cb.dim = m.dim and cb.grp = m.grp;
-- Finals of M: those that meet the conversation.
create or replace table um as
  select m.call_id as call_id, m.dim as dim, m.grp as grp, m.t as t, u.seq as seq, min(u.role) as role, min(u.t1 - u.t0) as ms, min(u.chars) as chars, min(u.conf) as conf,
    min(u.redactions) as redactions
  from m join u on u.call_id = m.call_id join seg on seg.call_id = m.call_id and seg.dim = m.dim and seg.grp = m.grp and seg.conv = 1 and u.t0 < seg.t1 and u.t1 > seg.t0
  where u.role in ('agent', 'caller') group by m.call_id, m.dim, m.grp, m.t, u.seq;
create or replace table greet as
  select pq.call_id as call_id, pq.seq as seq, min(pq.t0) as t0, min(v.t0) as said from pq join tapped on tapped.call_id = pq.call_id
  join v on v.call_id = pq.call_id and v.role = 'agent' and v.t0 >= pq.t0 and v.t0 < pq.t1 where pq.dir = 'in' and pq.how in ('queue', 'direct') group by pq.call_id, pq.seq;
create or replace table memr as
  select call_id, seq, '-' as dim, '' as grp from r union all select distinct call_id, seq, 'n', node from rn union all select distinct r.call_id, r.seq, 't', coalesce(rtopic.topic, '无主题') from r left join rtopic on rtopic.call_id = r.call_id and rtopic.seq = r.seq;
create or replace table rep as
  select c.call_id as call_id, c.t0 as t0, c.t1 as t1, c.ani as ani, max(case when o1.call_id is not null then 1 else 0 end) as again
  from c left join c as o1 on o1.ani = c.ani and o1.dir = 'in' and o1.t0 >= c.t0 - 86400000 and o1.t0 < c.t0
  where c.dir = 'in' and c.t1 is not null and c.ani is not null group by c.call_id, c.t0, c.t1, c.ani;
create or replace temp table cta as select c.call_id as call_id, c.ani as ani, c.t0 as t0, c.t1 as t1, wtd.topic as topic, wtd.resolved as resolved
  from c join wtd on wtd.call_id = c.call_id where c.dir = 'in' and c.ani is not null;
create or replace table rep7 as
  select c1.call_id as call_id, max(c1.t1) as t1, max(case when c2.call_id is not null then 1 else 0 end) as again
  from cta as c1 left join cta as c2 on c2.ani = c1.ani and c2.topic = c1.topic and c2.t0 >= c1.t0 - 604800000 and c2.t0 < c1.t0
  where c1.t1 is not null group by c1.call_id;
create or replace table fcr as
  select c1.call_id as call_id, case when min(c1.resolved) = 1 and max(case when c2.call_id is not null then 1 else 0 end) = 0
    and max(case when tk.ticket is not null then 1 else 0 end) = 0 then 1 else 0 end as good
  from cta as c1 join w on w.call_id = c1.call_id
  left join cta as c2 on c2.ani = c1.ani and c2.topic = c1.topic and c2.t0 > c1.t1 and c2.t0 <= c1.t1 + 604800000
  left join tk on tk.created_by = c1.call_id group by c1.call_id;
create or replace table survey as
  select call_id, max(case when offered = 1 or score is not null then 1 else 0 end) as offered, max(case when score is not null then 1 else 0 end) as answered,
    amax(score, case when score is null then -1 else seq end) as score from y group by call_id;
create or replace table hint as
  select n.call_id as call_id, n.hint_id as hint_id, min(n.tier) as tier, min(n.t) as t, min(n.early) as early, min(n.latency) as latency, min(n.expire) as expire,
    max(case when f.action = 'shown' then 1 else 0 end) as shown, max(case when f.action in ('clicked', 'copied') then 1 else 0 end) as used,
    max(case when f.action = 'dismissed' then 1 else 0 end) as dismissed
  from n left join f on f.call_id = n.call_id and f.hint_id = n.hint_id group by n.call_id, n.hint_id;
create or replace table spoken as
  select n.call_id as call_id, n.hint_id as hint_id from n join nh on nh.call_id = n.call_id and nh.hint_id = n.hint_id
  join u on u.call_id = n.call_id and u.role = 'agent' and u.t0 > n.t and u.t0 <= n.t + 60000 where nh.said <> '' and holds_text(u.said, nh.said) group by n.call_id, n.hint_id;
create or replace table ask as
  select i.call_id as call_id, i.seq as seq, max(case when n.hint_id is not null then 1 else 0 end) as covered, max(case when k.segment is not null then 1 else 0 end) as missed
  from i left join n on n.call_id = i.call_id and n.t <= i.t + 5000
    and (n.segment = i.segment or (n.topic = i.topic and (n.expired is null or n.expired > i.t)))
  left join k on k.call_id = i.call_id and k.segment = i.segment where i.question = 1 group by i.call_id, i.seq;
create or replace table wsum as
  select w.call_id as call_id, min(w.ts) as ts, min(w.request) as request, min(trim(coalesce(w.risks, ''))) as risks, min(w.satisfaction) as satisfaction, min(w.edited) as edited,
    sum(case when trim(coalesce(we.value, '')) <> '' then 1 else 0 end) as filled,
    sum(case when trim(coalesce(we.value, '')) not in ('', '无') then 1 else 0 end) as stated,
    sum(case when trim(coalesce(we.value, '')) not in ('', '无') and we.evidence = 1 then 1 else 0 end) as grounded
  from w left join we on we.call_id = w.call_id group by w.call_id;
create or replace table lastp as select call_id, max(t1) as t1 from pq group by call_id;
