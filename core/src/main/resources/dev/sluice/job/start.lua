-- Starts a job, or starts it anew if its last run ended or is dead. Atomic because of two who start it one may run.
-- KEYS  as in jobs.lua
-- ARGV  1 as in jobs.lua, 2 id, 3 name, 4 for how long it may be silent, microseconds, 5 total or empty, 6 how many jobs there may be
-- Returns {1, number of the run}; {0, the job as it runs}; {2}: there is no room for another.
local EACH_TIME = 100
local id, name, silence, total, most = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])

local job = read(id)
if job and state_of(job) == 'running' then
  local answer = { 0 }
  show(answer, id, job)
  return answer
end
local over = string.format(WHOLE, now - kept)
if not job and redis.call('ZCARD', heard) - redis.call('ZCOUNT', heard, '-inf', over) >= most then
  return { 2 }
end

-- Greater than all before, although the clock was set back: numbers tell the runs of a job apart, and give lists their order.
local last = redis.call('ZREVRANGE', begun, 0, 0, 'WITHSCORES')[2]
local number = math.max(now, (tonumber(last) or 0) + 1)
-- Before anything is deleted: a Redis whose memory is full refuses the first that adds.
redis.call('ZADD', begun, string.format(WHOLE, number), id)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', heard, '-inf', over, 'LIMIT', 0, EACH_TIME)) do
  if old ~= id then
    redis.call('DEL', key_of(old))
    redis.call('ZREM', begun, old)
    redis.call('ZREM', heard, old)
  end
end
redis.call('DEL', key_of(id))
local text = string.format(WHOLE, now)
redis.call('HSET', key_of(id), 'name', name, 'number', string.format(WHOLE, number), 'state', 'running', 'started', text,
  'updated', text, 'silence', silence)
if total ~= '' then
  redis.call('HSET', key_of(id), 'done', '0', 'total', total)
end
touch(id)
return { 1, string.format(WHOLE, number) }
