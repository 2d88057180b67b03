/**
 * Imported before React is: its development build keeps a performance entry for each render for
 * ever (facebook/react issue 35761), and is several times slower. Tests keep what they set.
 */
if (process.env.NODE_ENV !== 'test') process.env.NODE_ENV = 'production';
