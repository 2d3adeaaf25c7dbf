"""The pages: one blueprint a file, its templates in the folder of the same name. Flask lives here and nowhere below."""
