-- Reads what is known of a message's callback. KEYS: what the queue's names start with; what its limits' start with.
-- ARGV: its number. Returns its record and when it is due or ''; or nothing.
local raw = callback_readable(ARGV[1])
if not raw then
  return {}
end
return { raw, call('ZSCORE', OWED_SET, ARGV[1]) or '' }
