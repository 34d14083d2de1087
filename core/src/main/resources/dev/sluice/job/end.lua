-- Writes down how a job ended. Atomic because a run that was taken for dead and started anew must not end its successor.
-- KEYS  as in jobs.lua
-- ARGV  1 as in jobs.lua, 2 id, 3 number of the run, 4 state, 5 error or empty, 6 message or empty
-- Returns 1, also if it stood there already; 0: this run ended otherwise, or there is none
local id, number, state, failure, message = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local job = read(id)
if not job or job.number ~= number then
  return { 0 }
end
if job.state ~= 'running' then
  local same = job.state == state and (job.error or '') == failure and (job.message or '') == message
  return { same and 1 or 0 }
end
touch(id)
redis.call('HSET', key_of(id), 'state', state, 'ended', string.format(WHOLE, now))
if failure ~= '' then
  redis.call('HSET', key_of(id), 'error', failure)
end
if message ~= '' then
  redis.call('HSET', key_of(id), 'message', message)
end
return { 1 }
