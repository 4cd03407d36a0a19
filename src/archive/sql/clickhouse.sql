-- What ClickHouse names differently.
create or replace function amax as (x, y) -> argMax(x, y);
create or replace function amin as (x, y) -> argMin(x, y);
create or replace function idiv as (x, y) -> intDiv(x, y);
create or replace function holds_text as (x, y) -> position(x, y) > 0;
create or replace function pct as (p, x) -> arraySort(groupArray(x))[intDiv(p * count(x) + 99, 100)];
