-- Removes keys. One step only because they share a slot. KEYS: those. Returns how many there were.
return { redis.call('UNLINK', unpack(KEYS)) }
