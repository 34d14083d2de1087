-- Renews a lease. Atomic because a holder whose lease ran out must not take the lock back from its successor.
-- KEYS  as in lock.lua
-- ARGV  1 owner, 2 lease in microseconds from now
-- Returns {1}, or {0}: it is not this owner's any more.
if not held or owner ~= ARGV[1] then
  return { 0 }
end
leave(owner)
ends = now + tonumber(ARGV[2])
remember()
return { 1 }
