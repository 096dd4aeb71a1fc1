-- KEYS: index. ARGV: most.
return clear(KEYS[1], ARGV[1])
