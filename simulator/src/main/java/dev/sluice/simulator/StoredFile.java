package dev.sluice.simulator;

/**
 * A file that a bot uploaded, or named by URL; then it has no bytes.
 *
 * @param path what getFile answers, unique for its bot
 */
@SuppressWarnings("ArrayRecordComponent") // written to the socket and nothing else
record StoredFile(String id, String uniqueId, String path, String fileName, String contentType, byte[] bytes) {}
