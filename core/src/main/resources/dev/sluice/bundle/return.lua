-- Puts a bundle back that was not handled, or gives it up. Atomic because a handler that was too late must not put back what another has.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 fence, 7 microseconds until it is handed over again, 8 after how many failures it is given
--       up, 0 if this is none
-- Returns {1}; {2}: it is given up; {0}: it is another's, or gone
local who, fence, most = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[8])

local state = read_or_nothing(who)
if not is_leased(state, fence) then
  return { 0 }
end
if most > 0 then
  state.failures = state.failures + 1
  if state.failures >= most then
    drop_first(who, state)
    write(who, state)
    return { 2 }
  end
end
state.lease, state.ready = 0, now + tonumber(ARGV[7])
write(who, state)
return { 1 }
