-- Reads a chunk. KEYS: the queue's and the limits' names; what the names of broadcasts start with. ARGV: the broadcast's number;
-- the chunk's. Returns its bytes, or nothing.
return { call('HGET', broadcast_key(ARGV[1], 'recipients'), ARGV[2]) or nil }
