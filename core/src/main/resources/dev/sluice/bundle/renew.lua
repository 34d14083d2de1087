-- Lets the lease of a bundle begin anew, also if it had run out and nobody has come since. Atomic because it must not be taken back from
-- somebody who has.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 fence, 7 lease in microseconds
-- Returns {1}, or {0}: it is another's, or gone
local who = ARGV[5]

local state = read_or_nothing(who)
if not is_leased(state, tonumber(ARGV[6])) then
  return { 0 }
end
state.lease = now + tonumber(ARGV[7])
write(who, state)
return { 1 }
