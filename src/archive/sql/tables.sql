-- Facts as they come, a table for each symbol. Times are milliseconds UTC, shares of one are thousandths, truths are 0 and 1.
create table c (call_id varchar, t0 bigint, t1 bigint, dir varchar, ani varchar, end_by varchar, video bigint, agent varchar);
create table q (call_id varchar, seq bigint, queue varchar, t0 bigint, t1 bigint, outcome varchar);
create table o (call_id varchar, agent varchar, t0 bigint, t1 bigint, outcome varchar);
create table p (call_id varchar, seq bigint, agent varchar, t0 bigint, t1 bigint, how varchar, leave varchar, acw bigint, hold bigint, holds bigint);
create table ph (call_id varchar, seq bigint, t0 bigint, t1 bigint);
create table s (agent varchar, state varchar, reason varchar, t0 bigint, t1 bigint);
create table r (call_id varchar, seq bigint, t0 bigint, t1 bigint, answers bigint, fails bigint, outcome varchar, turns bigint);
create table rt (call_id varchar, seq bigint, speech_end bigint, play_start bigint, understood bigint);
create table rn (call_id varchar, seq bigint, node varchar);
create table rtopic (call_id varchar, seq bigint, topic varchar);
create table v (call_id varchar, role varchar, t0 bigint, t1 bigint);
create table u (call_id varchar, seq bigint, role varchar, t0 bigint, t1 bigint, chars bigint, conf bigint, redactions bigint, said varchar, segment varchar);
create table i (call_id varchar, seq bigint, topic varchar, question bigint, t bigint, segment varchar);
create table n (call_id varchar, hint_id varchar, tier bigint, t bigint, early bigint, latency bigint, topic varchar, segment varchar, expired bigint, expire varchar);
create table nh (call_id varchar, hint_id varchar, said varchar);
create table f (call_id varchar, action varchar, hint_id varchar, t bigint);
create table w (call_id varchar, ts bigint, request varchar, risks varchar, satisfaction varchar, edited bigint);
create table we (call_id varchar, name varchar, value varchar, evidence bigint);
create table wp (call_id varchar, age bigint);
create table wt (call_id varchar, topic varchar, resolved bigint);
create table k (call_id varchar, seq bigint, segment varchar, t bigint);
create table x (call_id varchar, rule varchar, kind varchar, met bigint, score bigint);
create table e (call_id varchar, role varchar, label varchar, conf bigint, t bigint);
create table y (call_id varchar, seq bigint, offered bigint, score bigint);
create table tk (ticket varchar, created_by varchar, due bigint, closed bigint, topic varchar);
create table g (call_id varchar, leg varchar, t0 bigint, t1 bigint, gap bigint);
-- Milliseconds of service, half-open; from the service calendar.
create table cal (a bigint, b bigint);
-- The windows of a question: pieces [a, b), disjoint; pieces of one row of the answer share w.
create table win (w bigint, a bigint, b bigint);
create table steps as select cast(range as bigint) as extra from range(0, 3700);
