-- Pauses, resumes or cancels a broadcast. What is queued is taken back by tending.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  pause, resume or cancel; its number
-- Returns 1 done, 3 not possible, 4 absent
-- Atomic because it may end at the same moment.
local change, state = ARGV[1], broadcast_key(ARGV[2], 'state')
local status, waiting = unpack(call('HMGET', state, 'status', 'waiting'))
local becomes = ({ pause = STATUS_PAUSED, resume = STATUS_RUNNING, cancel = STATUS_CANCELLED })[change]
if not status then
  return { 4 }
elseif status == becomes then
  return { 1 }
elseif status ~= STATUS_RUNNING and status ~= STATUS_PAUSED then
  return { 3 }
end
call('ZREM', ACTIVE, '') -- first a write that takes no memory, so that it works when that is full
call('HDEL', state, 'refused', 'refusing')
call('HSET', state, 'status', becomes, 'rate', 0, 'weight', 0, 'rated', string.format('%.0f', now))
if change == 'cancel' and waiting ~= '0' then
  call('HINCRBY', state, 'n:C', waiting)
  call('HSET', state, 'waiting', 0)
end
return { 1 }
