-- Library, after buckets.lua: the message that a key belongs to, for a call under the same key. Writes nothing.
--   key, raw: the name of the queue's key, and what GET gave; content: the call's fingerprint
-- Returns mismatch; or queued, the message's number, and whether it is still to be sent: 1 or 0
local function twin_queued(key, raw, content)
  if sub(raw, 9) ~= content then return 'mismatch' end
  local number = string.format('%.0f', (read('<d', raw)))
  local state = redis.call('GETRANGE', string.gsub(key, 'key:%x+$', 'm:') .. number, 0, 0)
  return 'queued', number, state ~= '' and string.find('QARDL', state, 1, true) and 1 or 0
end
