-- Library, after buckets.lua: the message that a key belongs to, for a call under the same key. Writes nothing.
--   key, raw: the name of the queue's key, and what GET gave; content: the call's fingerprint; keep: how long the call's key means
--   anything after the end of what has it, microseconds, 0 if that has no end
-- Returns nothing if the message's end is longer ago; mismatch; or queued, the message's number, and whether it is still to be sent: 1 or 0
local function twin_queued(key, raw, content, keep, now)
  local number = string.format('%.0f', (read('<d', raw)))
  local head = redis.call('GETRANGE', string.gsub(key, 'key:%x+$', 'm:') .. number, 0, 30) -- as messages.lua has it
  local state = sub(head, 1, 1)
  if keep > 0 and string.find(state, '[UXSF]') and read('<d', head, 16) + keep <= now then
    return nil
  end
  if sub(raw, 9) ~= content then return 'mismatch' end
  return 'queued', number, state ~= '' and string.find('QARDL', state, 1, true) and 1 or 0
end
