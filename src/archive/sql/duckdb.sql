-- What the two engines name differently.
create macro amax(x, y) as arg_max(x, y);
create macro amin(x, y) as arg_min(x, y);
create macro idiv(x, y) as x // y;
create macro holds_text(x, y) as contains(x, y);
create macro pct(p, x) as list_sort(list(x))[(p * count(x) + 99) // 100];
