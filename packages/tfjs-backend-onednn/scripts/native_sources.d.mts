/** Names the sources under native/ by their content. Throws where they cannot be read. */
export declare function nativeSources(): string;
