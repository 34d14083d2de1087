-- Ends the lease of a callback.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  d fence, B how it ended (T told, G given up, O owed still, N likewise and it was no try), d after how long it is tried again,
--       B length and number, B length and reason
-- Returns 1, or 0 if its fence is no longer the holder's: another has it, or there is a later end to tell
-- Atomic because the message may come to another end at the same moment.
local fence, standing, delay, number, reason = read('<dBdBc0Bc0', ARGV[1])
local key = CALLBACK_OF .. number
lanes_open(true)
local raw, was, state, failure, attempts, tries, event, held, ended = callback_readable(number)
if held ~= fence or was ~= OWED then
  return { 0 }
end
if standing == 78 then -- N
  standing, tries = OWED, tries - 1
end
if standing == OWED then
  call('ZADD', OWED_SET, now + delay, number)
else
  call('ZREM', OWED_SET, number)
end
local head = pack(CALLBACK_HEAD .. 'Bc0', standing, state, failure, attempts, tries, event, fence, ended, #reason, reason)
call('SET', key, head .. sub(raw, CALLBACK_BYTES + 2 + string.byte(raw, CALLBACK_BYTES + 1)), 'KEEPTTL')
return { 1 }
