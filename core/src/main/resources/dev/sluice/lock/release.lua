-- Gives a lock back, if it is this owner's, and gives up this owner's place in line. Atomic because a holder whose lease ran out must not
-- release its successor's.
-- KEYS  as in lock.lua
-- ARGV  1 owner, 2 channel where those are named who are next, 3 how many of them
-- Returns {1}, or {0}: it was not this owner's any more.
leave(ARGV[1])
if owner ~= ARGV[1] then
  return { 0 }
end
local answer = held and 1 or 0
owner, since, ends = NOBODY, 0, math.min(ends, now)
remember()
drop_the_dead()
local next_ones = redis.call('ZRANGE', line, 0, tonumber(ARGV[3]) - 1)
if #next_ones > 0 then
  -- A user who may not publish does without: who waits looks now and then.
  redis.pcall('PUBLISH', ARGV[2], table.concat(next_ones, ' '))
end
return { answer }
