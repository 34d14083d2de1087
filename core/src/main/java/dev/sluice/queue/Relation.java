package dev.sluice.queue;

/** What a message has to do with others that wait in its lane. */
public sealed interface Relation permits Replacement, Joint {}
