package dev.sluice.simulator;

/** One uploaded part of a multipart call. The array is shared, not copied: nobody writes to it. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy of 50 MB would cost too much
record UploadedFile(String fileName, String contentType, byte[] bytes) {}
