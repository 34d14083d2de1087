-- Takes a lock for its owner, or keeps a place in line for it. Atomic because of many who find it free exactly one may take it.
-- KEYS  as in lock.lua
-- ARGV  1 owner, 2 lease in microseconds, 3 "wait" or "now", 4 how long each in line may take for its turn, 5 how long a place is kept,
--       both in microseconds, 6 how many may wait
-- Returns {1, fence}: it is the owner's, also if it was before, whose answer was lost; else {0 or, if the line is full, 2,
-- microseconds until its lease ends (0: it is free for those ahead), microseconds until the turn of this one, how many are ahead}.
-- Whoever does not wait has no place afterwards.
local who, lease, waits = ARGV[1], tonumber(ARGV[2]), ARGV[3] == 'wait'
local turn, kept, most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

if held and owner == who then
  ends = now + lease
  leave(who)
  remember()
  return { 1, string.format('%.0f', fence) }
end

drop_the_dead()
local ahead = redis.call('ZRANK', line, who)
local stands = ahead
if not ahead then
  ahead = redis.call('ZCARD', line)
end

-- Each in line has its turn after those ahead: the dead among them cost a moment each, and nobody races.
local mine = ends + ahead * turn
if not held and mine <= now then
  fence, owner, since, ends = math.max(fence + 1, now), who, now, now + lease
  remember()
  if stands then
    leave(who)
  end
  return { 1, string.format('%.0f', fence) }
end

local answer = 0
if not waits then
  if stands then
    leave(who)
  end
elseif not stands and ahead >= most then
  answer = 2
else
  local life = string.format('%.0f', math.ceil(kept / 1000))
  if not stands then
    redis.call('ZADD', line, string.format('%.0f', now), who)
  end
  redis.call('ZADD', places, string.format('%.0f', now + kept), who)
  redis.call('PEXPIRE', line, life)
  redis.call('PEXPIRE', places, life)
end
return { answer, string.format('%.0f', held and ends - now or 0), string.format('%.0f', math.max(0, mine - now)), ahead }
