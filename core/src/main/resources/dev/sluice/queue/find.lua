-- Reads one message. KEYS: what the queue's names start with; what its limits' start with. ARGV: its number.
-- Returns its record, or nothing.
return { call('GET', MESSAGE .. ARGV[1]) or nil }
