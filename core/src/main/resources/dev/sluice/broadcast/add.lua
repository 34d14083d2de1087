-- Adds a chunk of recipients to a draft.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  the draft's number; the chunk's; its bytes; microseconds that the draft lives on
-- Returns 1, or 0 if there is no such draft
-- Atomic because a draft that has just gone must not come back as a key without a TTL.
local key = broadcast_key(ARGV[1], 'recipients')
if call('HEXISTS', key, 'draft') == 0 then
  return { 0 }
end
call('HSET', key, ARGV[2], ARGV[3])
call('PEXPIRE', key, millis(tonumber(ARGV[4])))
return { 1 }
