-- Removes a draft.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  its number
-- Returns 1 if it was there
-- Atomic because what was started meanwhile must stay.
local key = broadcast_key(ARGV[1], 'recipients')
if call('HEXISTS', key, 'draft') == 0 then
  return { 0 }
end
return { call('UNLINK', key) }
