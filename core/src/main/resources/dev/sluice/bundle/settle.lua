-- Ends a bundle that was handled. Atomic because a handler that was too late must not end what another has now.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 fence
-- Returns {1}, also if it had ended so before; {0}: it is another's, or gone
local who, fence = ARGV[5], tonumber(ARGV[6])

local state = read_or_nothing(who)
if state and state.settled == fence then
  return { 1 }
end
if not is_leased(state, fence) then
  return { 0 }
end
drop_first(who, state)
write(who, state)
return { 1 }
